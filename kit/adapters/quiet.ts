/**
 * Runs `work` while workflow commands that libraries print (`::debug::…`) are dropped: outside of GitHub's runner nobody
 * reads them, and standard output belongs to the report.
 */
export async function withoutWorkflowCommands<T>(work: () => Promise<T>): Promise<T> {
  const write = process.stdout.write.bind(process.stdout)
  process.stdout.write = ((chunk: string | Uint8Array, ...rest: never[]) =>
    typeof chunk === 'string' && chunk.startsWith('::') ? true : write(chunk, ...rest)) as typeof process.stdout.write
  try {
    return await work()
  } finally {
    process.stdout.write = write
  }
}
