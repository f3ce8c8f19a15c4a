import { ENVIRONMENT } from './host-environment.ts'
import { HEALTH } from './host-health.ts'
import { RECEIVE } from './host-receive.ts'
import { RELEASE } from './host-release.ts'
import { REPLACE } from './host-replace.ts'
import { RESTORE } from './host-restore.ts'

/**
 * What runs on the host: one constant POSIX sh program. Nothing is ever put into its text; all data comes as lines on its
 * standard input (`frames.ts`), and what it found leaves as lines that begin with `@` (`outcome.ts`). Its parts hold no brace
 * expansion and no backtick, so that the literals are the program, byte for byte; shellcheck reads it whole in
 * `__tests__/real/deploy-compose.test.ts`.
 *
 * How a cut connection is survived: `BOOTSTRAP` starts it in a session of its own, it ignores the signals of the
 * connection's end, docker writes to memory and never to the connection, and the outcome lies on the host for who asks
 * later (`task outcome`). How the .env is kept off the disk: it lies in a folder of a memory file system, which a trap
 * removes, and a second process when the first is killed. `docker compose --env-file /dev/stdin` would be shorter, but
 * compose 2.40 reads blanks from it with exit code 0, hangs on a FIFO, and neither serves `env_file: .env`.
 */
export const HOST_PROGRAM = RECEIVE + ENVIRONMENT + HEALTH + REPLACE + RESTORE + RELEASE

/**
 * Reads the program from the first line of standard input and starts it in a session of its own with the rest. Constant,
 * with no single quote, backslash or exclamation mark in it, so that every login shell hands it on unchanged.
 */
const START =
  'IFS= read -r p; p=$(printf %s "$p" | base64 -d) || exit 90; exec 3<&0; command -v setsid >/dev/null || exit 91; ' +
  'setsid sh -c "$p" slipway <&3 3<&- & wait'

/** For a shell of this machine. */
export const BOOTSTRAP_ARGUMENTS: readonly string[] = ['-c', START]

/** For ssh, which hands it to the login shell. */
export const BOOTSTRAP_COMMAND = `exec sh -c '${START}'`
