/** What the library `yaml` found, in one line that ends in its place, without the excerpt below it. */
export function yamlProblem({ message }: Error): string {
  return (message.split('\n')[0] ?? '').replace(/:$/, '')
}
