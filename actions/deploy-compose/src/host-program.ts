/**
 * What runs on the host: one constant POSIX sh program. Nothing is ever put into its text; all data comes as lines on its
 * standard input (`frames.ts`), and what it found leaves as lines that begin with `@` (`outcome.ts`). It holds no
 * brace expansion and no backtick, so that this literal is the program, byte for byte; shellcheck reads it in
 * `__tests__/real/deploy-compose.test.ts`.
 *
 * How a cut connection is survived: `BOOTSTRAP` starts it in a session of its own, it ignores the signals of the
 * connection's end, docker writes to memory and never to the connection, and the outcome lies on the host for who asks
 * later (`task outcome`). How the .env is kept off the disk: it lies in a folder of a memory file system, which a trap
 * removes, and a second process when the first is killed. `docker compose --env-file /dev/stdin` would be shorter, but
 * compose 2.40 reads blanks from it with exit code 0, hangs on a FIFO, and neither serves `env_file: .env`.
 */
export const HOST_PROGRAM = String.raw`
set -u
umask 077
# GitHub's runner ends by this variable what a cancelled job left behind; a release begun must come to its end.
unset RUNNER_TRACKING_ID
trap '' HUP INT PIPE TERM

say() { printf '@%s\n' "$*" 2>/dev/null || :; }
encoded() { base64 | tr -d '\n'; }

task='' project='' release='' health='' drain='' compose='' dotenv='' needles='' owner='' complete=''
while IFS=' ' read -r key value; do
  case $key in
  task) task=$value ;;
  project) project=$value ;;
  release) release=$value ;;
  health) health=$value ;;
  drain) drain=$value ;;
  compose) compose=$value ;;
  dotenv) dotenv=$value ;;
  needles) needles=$value ;;
  owner) owner=$value ;;
  end) complete=yes; break ;;
  esac
done
exec </dev/null
# A name becomes a path below: what sent it has checked it, and so does this.
case $project in '' | -* | *[!a-z0-9_-]*) complete='' ;; esac
case $release in '' | -* | .* | *[!a-z0-9.-]*) complete='' ;; esac
case $health$drain in '' | *[!0-9]*) complete='' ;; esac
if [ "$complete" != yes ]; then
  say cause incomplete
  say result failed
  exit 0
fi

root=$HOME/.slipway/$project
folder=$root/releases/$release
memory='' previous='' guard=''

# A fact of the outcome: said now, and kept for who asks after the connection was cut. Never a log line, never a value.
fact() {
  say "$@"
  if [ -d "$folder" ]; then printf '@%s\n' "$*" >>"$folder/outcome.part"; fi
}

if [ "$task" = outcome ]; then
  if [ ! -f "$folder/outcome" ] && [ -d "$folder" ] && ! flock -n "$root/lock" true; then
    say running
  elif [ -f "$folder/outcome" ]; then
    cat "$folder/outcome"
  else
    say unknown
  fi
  exit 0
fi

say accepted
for tool in docker flock timeout base64 mktemp xargs; do
  if ! command -v "$tool" >/dev/null 2>&1; then
    say tool "$tool"
    say cause tool
    say result failed
    exit 0
  fi
done

mkdir -p "$root/releases"
# The kernel lets go of it when this process ends, in whichever way: no lock outlives its deploy.
exec 9>>"$root/lock"
if ! flock -n 9; then
  say holder "$(encoded <"$root/owner" 2>/dev/null)"
  say cause lock
  say result failed
  exit 0
fi
printf %s "$owner" | base64 -d >"$root/owner"

if [ -f "$root/stable" ]; then previous=$(cat "$root/stable"); fi
if [ ! -f "$root/releases/$previous/compose.yml" ]; then previous=''; fi
mkdir -p "$folder"
printf %s "$compose" | base64 -d >"$folder/compose.yml"
cp "$root/owner" "$folder/owner"
say previous "$previous"
if [ -n "$previous" ]; then say before "$(encoded <"$root/releases/$previous/compose.yml")"; fi

# Removes everything that may hold a value of the .env; again by the trap and, should this process be killed, by the guard.
destroy() {
  rm -f "$folder/.env"
  if [ -n "$previous" ]; then rm -f "$root/releases/$previous/.env"; fi
  if [ -n "$memory" ]; then rm -rf "$memory"; fi
}
trap destroy EXIT

memory_folder() {
  for parent in /dev/shm "/run/user/$(id -u)"; do
    if [ ! -d "$parent" ] || [ ! -w "$parent" ]; then continue; fi
    filesystem=$(stat -f -c %T "$parent" 2>/dev/null)
    case $filesystem in tmpfs | ramfs) ;; *) continue ;; esac
    # Under the lock, what an earlier deploy was kept from removing is nobody's.
    rm -rf "$parent/slipway-$project".*
    memory=$(mktemp -d "$parent/slipway-$project.XXXXXX") && return 0
  done
  return 1
}

# The outcome: what was destroyed and what was looked through for it, then the result, in one rename.
settle() {
  destroy
  if [ -n "$memory" ]; then
    gone=yes
    if [ -e "$memory" ] || [ -e "$folder/.env" ] || [ -L "$folder/.env" ]; then gone=no; fi
    searched=$(find "$root" -type f | wc -l)
    found=0
    if [ -n "$needles" ]; then
      found=$(printf %s "$needles" | base64 -d | grep -rlFf - -- "$root" 2>/dev/null | wc -l)
    fi
    fact receipt "$memory" "$filesystem" "$gone" "$((searched))" "$((found))"
  fi
  fact stable "$(cat "$root/stable" 2>/dev/null)"
  fact result "$1"
  mv "$folder/outcome.part" "$folder/outcome"
  if [ -n "$guard" ]; then kill -KILL "$guard" 2>/dev/null; fi
  exit 0
}

if ! memory_folder; then
  fact cause memory
  settle failed
fi
worker=$$
(
  while kill -0 "$worker" 2>/dev/null; do sleep 1; done
  destroy
) >/dev/null 2>&1 9>&- &
guard=$!
printf %s "$dotenv" | base64 -d >"$memory/env"
dotenv=''

# Docker's own output goes to memory: it may hold values, and the connection may be gone.
compose() {
  at=$root/releases/$1
  shift
  ln -sf "$memory/env" "$at/.env"
  timeout "$limit" docker compose -p "$project" --project-directory "$at" --env-file "$memory/env" -f "$at/compose.yml" "$@" \
    >"$memory/output" 2>"$memory/errors"
}
said() { say said "$(tail -n 15 "$memory/errors" | tail -c 4000 | encoded)"; }

containers() {
  docker ps -aq --no-trunc --filter "label=com.docker.compose.project=$project" \
    --filter label=com.docker.compose.oneoff=False >"$1"
}
# One line a container (".ID", because ".Id" makes docker read raw JSON, where a missing Health is an error): id, service, status, exit code, restarts, restart policy, health, image.
states() {
  containers "$memory/ids"
  : >"$memory/states"
  if [ -s "$memory/ids" ]; then
    xargs docker inspect --format '{{.ID}} {{index .Config.Labels "com.docker.compose.service"}} {{.State.Status}} {{.State.ExitCode}} {{.RestartCount}} {{if .HostConfig.RestartPolicy.Name}}{{.HostConfig.RestartPolicy.Name}}{{else}}no{{end}} {{if .State.Health}}{{.State.Health.Status}}{{else}}none{{end}} {{.Config.Image}}' \
      <"$memory/ids" >"$memory/states" 2>/dev/null
  fi
}

# Whether a container is as its release wants it: good, calm (runs, has no health check), waiting or bad.
judge() {
  case $status/$state_of_health in
  running/healthy) echo good ;;
  running/none) echo calm ;;
  running/unhealthy | paused/* | dead/*) echo bad ;;
  restarting/*) if [ "$restarts" -ge 2 ]; then echo bad; else echo waiting; fi ;;
  exited/*)
    case $code/$policy in
    0/no | 0/on-failure) echo good ;;
    0/*) echo waiting ;;
    *) echo bad ;;
    esac
    ;;
  *) echo waiting ;;
  esac
}

# Waits until everything is good; what has no health check must run for 5 looks in a row without a restart.
gate() {
  deadline=$(($(date +%s) + health))
  calm=0 calm_before=''
  while :; do
    states
    bad='' waiting='' calm_now=''
    while read -r id service status code restarts policy state_of_health image; do
      case $(judge) in
      bad) bad="$bad $id" ;;
      waiting) waiting="$waiting $id" ;;
      calm) calm_now="$calm_now $id/$restarts" ;;
      esac
    done <"$memory/states"
    if [ -n "$bad" ]; then return 1; fi
    if [ "$calm_now" = "$calm_before" ]; then calm=$((calm + 1)); else calm=0; fi
    calm_before=$calm_now
    # A look that did not see every container is none.
    if [ -s "$memory/states" ] && [ -z "$waiting" ] && [ "$(wc -l <"$memory/ids")" -eq "$(wc -l <"$memory/states")" ]; then
      if [ -z "$calm_now" ] || [ "$calm" -ge 5 ]; then return 0; fi
    fi
    if [ "$(date +%s)" -ge "$deadline" ]; then
      bad="$waiting$calm_now"
      return 1
    fi
    sleep 1
  done
}

# Evidence, before the rollback takes the containers away. Log lines are said only, never kept.
diagnose() {
  while read -r id service status code restarts policy state_of_health image; do
    case " $bad " in *" $id"*) ;; *) continue ;; esac
    fact container "$service" "$status" "$code" "$restarts" "$state_of_health" "$image"
    say log "$service" "$(docker logs --tail 20 "$id" 2>&1 | tail -c 6000 | encoded)"
    if [ "$state_of_health" != none ]; then
      say probe "$service" "$(docker inspect --format '{{range .State.Health.Log}}{{println .Output}}{{end}}' "$id" 2>/dev/null | tail -n 5 | tail -c 1000 | encoded)"
    fi
  done <"$memory/states"
}

# The environment of the containers that run now is the one thing of the previous release that nobody else has: its .env
# was destroyed. It is kept in memory for the length of the deploy.
remember() {
  containers "$memory/ids"
  : >"$memory/before"
  if [ -s "$memory/ids" ]; then
    xargs docker inspect --format '{{.ID}} {{index .Config.Labels "com.docker.compose.service"}} {{json .Config.Env}}' \
      <"$memory/ids" >"$memory/before" 2>/dev/null
  fi
}
# As a compose file, for the services whose containers were replaced; the others are left as they are.
override() {
  containers "$memory/ids"
  seen='' comma=''
  printf '{"services":{'
  while read -r id service environment; do
    if grep -qF "$id" "$memory/ids"; then continue; fi
    if ! grep -qxF "$service" "$memory/services"; then continue; fi
    case " $seen " in *" $service "*) continue ;; esac
    seen="$seen $service"
    printf '%s"%s":{"environment":%s}' "$comma" "$service" "$(printf %s "$environment" | sed 's/\$/$$/g')"
    comma=,
  done <"$memory/before"
  printf '}}\n'
}

restore() {
  limit=60
  if ! compose "$previous" config --services; then return 1; fi
  cp "$memory/output" "$memory/services"
  override >"$memory/override.json"
  limit=$((health + drain + 120))
  compose "$previous" -f "$memory/override.json" up -d --no-build --remove-orphans --timeout "$drain" && gate
}

roll_back() {
  if [ -z "$previous" ]; then
    if [ -s "$memory/before" ]; then
      fact left running
    else
      say phase remove
      limit=$((drain + 120))
      if compose "$release" down --remove-orphans --timeout "$drain"; then fact left nothing; else fact left running; fi
    fi
    settle failed
  fi
  say phase rollback
  if restore; then settle rolled-back; fi
  said
  fact left running
  settle failed
}

point_stable() {
  printf '%s\n' "$release" >"$root/stable.part"
  mv "$root/stable.part" "$root/stable"
  printf '%s\n' "$release" >>"$root/history"
  tail -n 5 "$root/history" >"$memory/keep"
  for old in "$root/releases"/*; do
    if ! grep -qxF "$(basename "$old")" "$memory/keep"; then rm -rf "$old"; fi
  done
}

say phase check
limit=60
if ! compose "$release" config -q; then
  said
  fact cause config
  settle failed
fi
say phase pull
limit=1800
if ! compose "$release" pull -q; then
  said
  fact cause pull
  settle failed
fi
remember
say phase start
limit=$((health + drain + 120))
if ! compose "$release" up -d --no-build --remove-orphans --timeout "$drain"; then
  said
  fact cause up
  health_given=$health health=0
  gate
  health=$health_given
  diagnose
  roll_back
fi
say phase health
if ! gate; then
  fact cause health
  diagnose
  roll_back
fi
point_stable
settle succeeded
`

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
