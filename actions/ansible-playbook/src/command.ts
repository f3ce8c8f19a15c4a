import { CALLBACK_NAME, EVENTS_VARIABLE } from './callback.ts'
import { sshArguments, type SshFiles } from './ssh.ts'

/** Files that were written for a run, all below `folder`. */
export interface RunFiles {
  readonly folder: string
  readonly ssh: SshFiles
  readonly vaultPassword: string | undefined
  readonly extraVars: string | undefined
  readonly enforced: string
  readonly events: string
}

/**
 * Variables that nothing in a repository may set otherwise. Extra variables win over every other source, and of two files
 * the later wins; the environment and ansible.cfg would lose against the inventory.
 */
export function enforcedVariables(ssh: SshFiles): Readonly<Record<string, unknown>> {
  return {
    ansible_ssh_args: sshArguments(ssh),
    ansible_host_key_checking: true,
    ansible_ssh_host_key_checking: true,
    ansible_paramiko_host_key_checking: true,
  }
}

/** Arguments of ansible-playbook: names and paths, never a secret. */
export function commandArguments(
  run: { readonly playbook: string; readonly inventory: string; readonly limit: string; readonly check: boolean },
  files: RunFiles,
): readonly string[] {
  return [
    ...['--inventory', run.inventory],
    ...(run.limit === '' ? [] : ['--limit', run.limit]),
    ...(run.check ? ['--check'] : []),
    ...(files.extraVars === undefined ? [] : ['--extra-vars', `@${files.extraVars}`]),
    ...['--extra-vars', `@${files.enforced}`],
    run.playbook,
  ]
}

/** Arguments of ansible-inventory: the playbook's folder has variables of hosts too. */
export function inventoryArguments(playbook: string, inventory: string, files: RunFiles): readonly string[] {
  return [
    ...['--list', '--inventory', inventory, '--playbook-dir', playbook.slice(0, playbook.lastIndexOf('/'))],
    ...(files.extraVars === undefined ? [] : ['--extra-vars', `@${files.extraVars}`]),
  ]
}

/**
 * Settings of Ansible for the child; they win over ansible.cfg.
 * @param config path of the ansible.cfg to use; Ansible looks for one itself when left out
 */
export function childVariables(files: RunFiles, config: string | undefined): Readonly<Record<string, string>> {
  const { ssh, vaultPassword } = files
  return {
    ...(config === undefined ? {} : { ANSIBLE_CONFIG: config }),
    ...(vaultPassword === undefined ? {} : { ANSIBLE_VAULT_PASSWORD_FILE: vaultPassword }),
    ...(ssh.key === undefined ? {} : { ANSIBLE_PRIVATE_KEY_FILE: ssh.key }),
    ...(ssh.sockets === undefined ? {} : { ANSIBLE_SSH_CONTROL_PATH_DIR: ssh.sockets }),
    ANSIBLE_HOST_KEY_CHECKING: 'true',
    ANSIBLE_CALLBACK_PLUGINS: `${files.folder}/callbacks`,
    [EVENTS_VARIABLE]: files.events,
    ANSIBLE_LOCAL_TEMP: `${files.folder}/local`,
    // An inventory that cannot be read is an error, and not a warning before "no hosts".
    ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED: 'true',
    ANSIBLE_STDOUT_CALLBACK: CALLBACK_NAME,
    ANSIBLE_RETRY_FILES_ENABLED: 'false',
    ANSIBLE_NOCOWS: 'true',
    ANSIBLE_NOCOLOR: 'true',
    ANSIBLE_FORCE_COLOR: 'false',
    ANSIBLE_PYTHON_INTERPRETER: 'auto_silent',
    PYTHONUNBUFFERED: '1',
    PYTHONDONTWRITEBYTECODE: '1',
    // Ansible refuses a locale that is not UTF-8, and this one every system has.
    LC_ALL: 'C.UTF-8',
  }
}
