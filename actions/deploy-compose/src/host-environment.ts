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
    memory=$(mktemp -d "$parent/$place.XXXXXX") || continue
    hold=$parent/$place-held
    return 0
  done
  return 1
}

# Everybody may make folders beside it, and links: only one that is this user's alone is a place for secrets, or is tidied.
owns_hold() { [ ! -L "$hold" ] && [ "$(stat -c '%u %a' "$hold" 2>/dev/null)" = "$(id -u) 700" ]; }

# What containers have mounted from memory stays while they may run: of this release, of the one before, or of both.
tidy_held() {
  if [ -z "$memory" ] || ! owns_hold; then return 0; fi
  case $1 in
  succeeded) set -- "$root/releases/$release" ;;
  rolled-back) set -- "$root/releases/$previous" ;;
  *) set -- "$root/releases/$release" "$root/releases/$previous" ;;
  esac
  for kept in "$@"; do cat "$kept/compose-held.yml" 2>/dev/null; done >"$memory/kept"
  for file in "$hold"/*; do
    if ! grep -qF "$file" "$memory/kept"; then rm -f "$file"; fi
  done
  rmdir "$hold" 2>/dev/null || fact held "$hold" "$(find "$hold" -type f | wc -l)"
}

# What repository and run say of themselves is no place of a secret: compose files as they were sent, and who deployed.
unpublished() { grep -Ev '/(owner|compose-[0-9]+\.yml)$'; }

# The outcome: what was destroyed and what was looked through for it, then the result, in one rename.
settle() {
  tidy_held "$1"
  destroy
  if [ -n "$memory" ]; then
    gone=yes
    if [ -e "$memory" ] || [ -e "$folder/.env" ] || [ -L "$folder/.env" ]; then gone=no; fi
    searched=$(find "$root" -type f | unpublished | wc -l)
    found=0
    if [ -n "$needles" ]; then
      found=$(printf %s "$needles" | base64 -d | grep -rlFf - -- "$root" 2>/dev/null | unpublished | wc -l)
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
# A file of memory for each secret, instead of one that compose copies into the container's own layer, which is on the disk. The
# name has a keyed hash of the text, so that a service whose secret did not change is not replaced.
held_of() {
  comma=''
  while read -r kind name text; do
    if [ "$kind" != "$1" ]; then continue; fi
    file=$hold/$name-$(printf %s "$text" | keyed_hash)
    if [ ! -f "$file" ]; then
      printf %s "$text" | base64 -d >"$file.part"
      # Whoever the container runs as may read it there; here, the folder is this user's alone.
      chmod 0444 "$file.part"
      mv "$file.part" "$file"
    fi
    printf '%s"%s": !override {"file":"%s"}' "$comma" "$name" "$file"
    comma=,
  done <"$memory/held"
}
if [ -n "$held" ]; then
  mkdir -m 700 "$hold" 2>/dev/null
  if ! owns_hold; then
    fact cause hold
    settle failed
  fi
  printf %s "$held" >"$memory/held"
  held=''
  { printf '{"secrets":{'; held_of secrets; printf '},"configs":{'; held_of configs; printf '}}\n'; } >"$folder/compose-held.yml"
fi
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
