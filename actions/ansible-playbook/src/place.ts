import type { Place } from '#kit/ports'

/** A path of Ansible's, or `path:line`, from the top of the repository; as it is outside of it. */
export function relativePlace(path: string, workspace: string): string {
  return path.startsWith(`${workspace}/`) ? path.slice(workspace.length + 1) : path
}

/** Where the annotation of a task points; `undefined` for a file outside of the repository. */
export function placeOf(place: string): Place | undefined {
  const [, file, line] = /^([^/].*):(\d+)$/.exec(place) ?? []
  return file === undefined ? undefined : { file, line: Number(line) }
}
