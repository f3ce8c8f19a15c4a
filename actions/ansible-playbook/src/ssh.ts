/** Files of a run that ssh reads. */
export interface SshFiles {
  /** `undefined` where the runner's user has what it needs. */
  readonly key: string | undefined
  readonly knownHosts: string | undefined
  readonly config: string
  /** Folder for the sockets of shared connections; `undefined` where its path would be too long for one. */
  readonly sockets: string | undefined
}

/** The folder, or none: a socket's path fits 108 bytes on Linux and 104 elsewhere, and ssh adds a name and a suffix of 17. */
export function socketFolder(folder: string): string | undefined {
  return Buffer.byteLength(folder) + '/0123456789'.length + 17 < 104 ? folder : undefined
}

function settings(files: SshFiles): readonly (readonly [string, string])[] {
  return [
    ['StrictHostKeyChecking', 'yes'],
    ...(files.knownHosts === undefined
      ? []
      : ([
          ['UserKnownHostsFile', files.knownHosts],
          ['GlobalKnownHostsFile', '/dev/null'],
        ] as const)),
    ...(files.key === undefined ? [] : ([['IdentitiesOnly', 'yes']] as const)),
  ]
}

/** For a jump host: the ssh that goes there reads the same configuration, but not the same arguments. */
export function sshConfig(files: SshFiles): string {
  const key = files.key === undefined ? [] : ([['IdentityFile', files.key]] as const)
  return ['Host *', ...[...settings(files), ...key].map(([name, value]) => `  ${name} ${quoted(value)}`), ''].join('\n')
}

/**
 * Arguments that every ssh of the run begins with. ssh takes the first value it reads of a setting, so neither the
 * inventory nor ansible.cfg can make it trust an unknown host.
 */
export function sshArguments(files: SshFiles): string {
  const configured = files.knownHosts === undefined ? [] : ['-F', quoted(files.config)]
  const shared =
    files.sockets === undefined ? ['-o', 'ControlMaster=no'] : ['-o', 'ControlMaster=auto', '-o', 'ControlPersist=60s']
  return [
    ...configured,
    ...settings(files).flatMap(([name, value]) => ['-o', quoted(`${name}=${value}`)]),
    ...shared,
  ].join(' ')
}

/** Ansible splits the arguments as a shell would, and ssh its configuration at spaces. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `"${word}"`
}
