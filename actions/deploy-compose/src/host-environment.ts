/** The .env in memory, and its end; the outcome of a release, which says what became of it. */
export const ENVIRONMENT = String.raw`
# Removes everything that may hold a value of the .env; again by the trap and, should this process be killed, by the guard.
destroy() {
  rm -f "$folder/.env"
  if [ -n "$previous" ]; then rm -f "$root/releases/$previous/.env"; fi
  if [ -n "$memory" ]; then rm -rf "$memory"; fi
}
trap destroy EXIT

# The project's folder in its name: two users, or two homes of one, may deploy a project of the same name here.
memory_folder() {
  place=slipway-$project-$(printf %s "$root" | cksum | cut -d ' ' -f 1)
  for parent in /dev/shm "/run/user/$(id -u)"; do
    if [ ! -d "$parent" ] || [ ! -w "$parent" ]; then continue; fi
    filesystem=$(stat -f -c %T "$parent" 2>/dev/null)
    case $filesystem in tmpfs | ramfs) ;; *) continue ;; esac
    # Under the lock, what an earlier deploy was kept from removing is nobody's.
    rm -rf "$parent/$place".*
    memory=$(mktemp -d "$parent/$place.XXXXXX") && return 0
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
if [ -n "$login" ]; then
  mkdir "$memory/docker"
  # Plugins and contexts of the user lie beside the file that is replaced.
  if [ -d "$HOME/.docker/cli-plugins" ]; then ln -s "$HOME/.docker/cli-plugins" "$memory/docker/cli-plugins"; fi
  engine=$(docker context inspect --format '{{.Endpoints.docker.Host}}' 2>/dev/null)
  if [ -n "$engine" ]; then export DOCKER_HOST="$engine"; fi
  printf %s "$login" | base64 -d >"$memory/docker/config.json"
  login=''
fi

# Docker's own output goes to memory: it may hold values, and the connection may be gone.
compose() {
  at=$root/releases/$1
  shift
  # The last file first, because each goes before the others.
  for file in $(cd "$at" && printf '%s\n' compose-*.yml | sort -r); do set -- -f "$at/$file" "$@"; done
  ln -sf "$memory/env" "$at/.env"
  timeout "$limit" docker compose -p "$project" --project-directory "$at" --env-file "$memory/env" "$@" \
    >"$memory/output" 2>"$memory/errors"
}
said() { say said "$(tail -n 15 "$memory/errors" | tail -c 4000 | encoded)"; }
`
