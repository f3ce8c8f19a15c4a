/** A host that the playbook goes to over SSH. */
export interface SshHost {
  /** In the inventory. */
  readonly name: string
  /** As ssh looks it up in `known_hosts`: with its port in brackets where that is not 22. */
  readonly address: string
  /** Its instance of EC2, as the inventory has it. */
  readonly instance: string
  /** Why its key cannot be looked for; `undefined` when it can. */
  readonly problem: string | undefined
}

type Variables = Readonly<Record<string, unknown>>

const SSH = /^(?:ansible\.(?:builtin|netcommon)\.)?(?:ssh|smart|paramiko(?:_ssh)?)$/
const INSTANCE = /^i-[0-9a-f]{8}(?:[0-9a-f]{9})?$/
/** An address and nothing that `known_hosts` would read as a pattern or as the end of a word. */
const ADDRESS = /^[\w.:-]+$/

/** Names that `ansible-playbook --list-hosts` prints: after `hosts (2):` a line for each, by play. */
export function listedHosts(stdout: string): readonly string[] {
  const lines = stdout.split('\n')
  const names = lines.flatMap((line, index) => {
    const count = Number(/^ +hosts \((\d+)\):$/.exec(line)?.[1] ?? 0)
    return lines.slice(index + 1, index + 1 + count).map(name => name.trim())
  })
  return [...new Set(names)].sort()
}

/**
 * What the inventory says of the hosts that are gone to over SSH.
 * @param json what `ansible-inventory --list` printed
 */
export function sshHosts(names: readonly string[], json: string): readonly SshHost[] {
  const { _meta: meta, ...groups } = JSON.parse(json) as Readonly<Record<string, Variables>>
  const inside = new Set(Object.values(groups).flatMap(({ hosts }) => (Array.isArray(hosts) ? hosts : [])))
  const variables = (meta?.['hostvars'] ?? {}) as Readonly<Record<string, Variables>>
  // A host that no group holds is the `localhost` that Ansible adds, and it is not gone to.
  return names.flatMap(name => {
    const { ansible_connection, ansible_host, ansible_port, instance_id } = variables[name] ?? {}
    if (!inside.has(name) || (ansible_connection !== undefined && !SSH.test(String(ansible_connection)))) return []
    const host = String(ansible_host ?? name).toLowerCase()
    const port = String(ansible_port ?? 22)
    const instance = String(instance_id ?? '')
    const address = port === '22' ? host : `[${host}]:${port}`
    return [{ name, address, instance, problem: problemOf(host, port, instance) }]
  })
}

function problemOf(host: string, port: string, instance: string): string | undefined {
  if (!ADDRESS.test(host)) return `its "ansible_host" ${JSON.stringify(host)} is no address`
  if (!/^\d{1,5}$/.test(port)) return `its "ansible_port" ${JSON.stringify(port)} is no port`
  if (instance === '') return 'the inventory gives it no "instance_id"'
  return INSTANCE.test(instance) ? undefined : `its "instance_id" ${JSON.stringify(instance)} is no instance of EC2`
}
