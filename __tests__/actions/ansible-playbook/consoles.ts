import type { Command, Completed } from '../../../kit/ports.ts'

/**
 * Public keys that were made for these tests, as a machine prints them on its console:
 * `for type in ecdsa ed25519 rsa; do ssh-keygen -q -t $type -N '' -f $type; done`.
 */
export const HOST_KEYS: readonly string[] = [
  'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBP7EvijPRTCszC3ZZLT+kVUkgUPnphRL9aOKd/LQ7Rj4pi1ljk+BbChanpp26pxYyy7bV5SW9QIlE9AbtIk8un8=',
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAboh1X1eVk9iAHcCRBN5VvdtO/oI/apLiDDIov1oZ+0',
  'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQCXrMfMA1QOO/zMj6peMGYSv+nvpFbijmUGGUyhBlo8DYNVOARt8AxktKzX9gFO2RaqU+2hlOPkAojqTU/LGX0WVIWO2U6v582p4g164kx2tJAGZt4EajPMMfN4uCtxTsCl5OTSjEXu78I4zaxzx7woeLc76cMUWXoWDsChjlSD07tanWTL7o8RJ91G9/8TszPfWqX7LFV6mC3AeC/V4ufg+x/yPEVfOcAlNmUJ3ug1ZwwQG0QDk5kJI3St0KWKbi/au44njkx0laYxcZhBLfKN1IrbJsTg/cN3Wd0rRn6qdpMBQqu6ufM1Q+wbYUFCR+U0xXNRrA96lKLxuDyS5i0p+We5kr4MO2lPJXzV/guH5TcuEV05FLONts08dQkmLQ4AB4vZg2zB7o7bsn/S1UBeo5Ks4pos2JeNsA/idLqXY3UXXuWise09wOMSdDeegGBwRQqc0Jzi8KcE5psYajHjuhoJ4nfTMI3FDfOLRKdOeERILSzhKEanGB/Iqy7AZbM=',
]

export const OTHER_HOST_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJyHS/JkKjDtxbK5eXJ0sIvpc2gDk2Vb0nWbUhu8pfX5'

export const BEGIN = '-----BEGIN SSH HOST KEY KEYS-----'
export const END = '-----END SSH HOST KEY KEYS-----'

/** The console of a machine's first boot, in short; without keys, that of one which was told not to print them. */
export function bootOutput(keys: readonly string[]): string {
  return [
    '[    0.000000] Linux version 6.8.0-1021-aws (buildd@lcy02) (x86_64-linux-gnu-gcc-13) #23-Ubuntu SMP',
    '[    0.000000] Command line: BOOT_IMAGE=/vmlinuz root=PARTUUID=1 ro console=tty1 console=ttyS0',
    '[\u001B[0;32m  OK  \u001B[0m] Reached target network-online.target - Network is Online.',
    '[   11.901233] cloud-init[612]: Generating public/private ed25519 key pair.',
    '[   11.902113] cloud-init[612]: The key fingerprint is:',
    'ci-info: no authorized SSH keys fingerprints found for user ubuntu.',
    '<14>Nov 21 09:00:01 cloud-init: #############################################################',
    '<14>Nov 21 09:00:01 cloud-init: -----BEGIN SSH HOST KEY FINGERPRINTS-----',
    '<14>Nov 21 09:00:01 cloud-init: 256 SHA256:rHf436I6vq/pZKIYoUXlM65kwDNjbL0e40DGINOI3BE root@ip-10-20-0-10 (ED25519)',
    '<14>Nov 21 09:00:01 cloud-init: -----END SSH HOST KEY FINGERPRINTS-----',
    '<14>Nov 21 09:00:01 cloud-init: #############################################################',
    ...(keys.length === 0 ? [] : [BEGIN, ...keys.map(key => `${key} root@ip-10-20-0-10`), END]),
    '[   13.254438] cloud-init[1278]: Cloud-init v. 25.1.4-0ubuntu0~24.04.1 finished at Sat, 21 Nov 2026 09:00:01 +0000. Datasource DataSourceEc2Local.  Up 13.24 seconds',
    '',
    'Ubuntu 24.04.3 LTS ip-10-20-0-10 ttyS0',
    '',
  ].join('\n')
}

export const INSTANCE = 'i-0123456789abcdef0'

/** What the programs say that are asked before the playbook runs; see `answering`. */
export interface Consoles {
  /** Variables by host; all hosts are in the group `app`, and all are gone to. */
  readonly hosts: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** What the console of an instance says when it is asked for the nth time, or how the AWS CLI ends. */
  readonly say: (instance: string, time: number, latest: boolean) => string | Partial<Completed>
  /** Names that are in `known-hosts`. */
  readonly known?: readonly string[]
}

/** Answers for ansible-inventory, ssh-keygen and the AWS CLI. */
export function answering({ hosts, say, known = [] }: Consoles) {
  const names = Object.keys(hosts)
  const asked = new Map<string, number>()
  return ({ file, args }: Command): Partial<Completed> | undefined => {
    if (args[0] === '--list-hosts')
      return {
        stdout: `\n  play #1 (app): A\n    hosts (${names.length}):\n${names.map(name => `      ${name}\n`).join('')}`,
      }
    if (file === 'ansible-inventory')
      return { stdout: JSON.stringify({ _meta: { hostvars: hosts }, app: { hosts: names } }) }
    if (file === 'ssh-keygen') return { exitCode: known.includes(args[1] ?? '') ? 0 : 1 }
    if (file !== 'aws') return undefined
    const instance = args[3] ?? ''
    const key = `${instance} ${args.includes('--latest')}`
    asked.set(key, (asked.get(key) ?? 0) + 1)
    const said = say(instance, asked.get(key)!, args.includes('--latest'))
    return typeof said === 'string' ? { stdout: JSON.stringify({ InstanceId: instance, Output: said }) } : said
  }
}

/** How the AWS CLI ends when EC2 refuses. */
export const awsError = (code: string, message = 'no') => ({
  exitCode: 254,
  stderr: `\nAn error occurred (${code}) when calling the GetConsoleOutput operation: ${message}\n`,
})
