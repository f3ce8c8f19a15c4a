/** What a YAML parser found, without the place and the excerpt that the library `yaml` puts behind it. */
export function yamlProblem({ message }: Error): string {
  return (message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:$/, '')
}
