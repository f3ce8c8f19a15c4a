import type { TaskResult } from './events.ts'

const HINTS: readonly (readonly [RegExp, string])[] = [
  [
    /Host key verification failed|no \S+ host key is known|REMOTE HOST IDENTIFICATION HAS CHANGED/i,
    'Add the public key of the host to "known-hosts", from whoever made it; "host-keys-from: console" reads those of new instances of EC2. Keys are never taken on trust.',
  ],
  [
    /Permission denied \([a-z,-]*publickey/i,
    'The host does not take this key for this user: check "ssh-key", and "ansible_user" in the inventory.',
  ],
  [
    /timed out|Connection refused|No route to host|Network is unreachable/i,
    'Check that the host runs, and that its firewall lets the runner in at the port of SSH.',
  ],
  [/Could not resolve hostname|Name or service not known/i, 'Check "ansible_host" in the inventory.'],
  [
    /Missing sudo password|a password is required/i,
    'Let the user use sudo without a password for what the playbook does.',
  ],
  [
    /Timeout when waiting for sudo|Unable to use sudo|sudo: .*not found/i,
    'Check that sudo is there and that the user may use it.',
  ],
  [
    /Python interpreter|No module named|\/usr\/bin\/python\S*: not found/i,
    'Install Python 3 on the host: Ansible needs it there.',
  ],
]

/** What to do about a failure; `undefined` when only the playbook knows. */
export function adviceFor({ message, stderr }: Pick<TaskResult, 'message' | 'stderr'>): string | undefined {
  return HINTS.find(([sign]) => sign.test(`${message}\n${stderr}`))?.[1]
}

const EARLY_HINTS: readonly (readonly [RegExp, string])[] = [
  [
    /couldn't resolve module\/action|collection .* (?:was not found|not found)/i,
    'Install the collection in a step before this one.',
  ],
  [
    /the role '.*' was not found/i,
    'Keep the role beside the playbook, or name its folder as "roles_path" in ansible.cfg.',
  ],
  [
    /Decryption failed|no vault secrets|Attempting to decrypt/i,
    'Give the password that these files were encrypted with as "vault-password".',
  ],
  [/leaves us with no hosts|does not match any hosts/i, 'Check "limit" against the names in the inventory.'],
  [/inventory/i, 'Check the file that "inventory" names: each group in brackets, each host on a line of its own.'],
]

/** What to do when Ansible ended before it did anything. */
export function earlyAdvice(stderr: string): string {
  return (
    EARLY_HINTS.find(([sign]) => sign.test(stderr))?.[1] ??
    'Run "ansible-playbook --syntax-check" on the playbook; the whole text is in the log above.'
  )
}
