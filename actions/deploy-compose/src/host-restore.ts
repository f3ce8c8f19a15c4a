/** The way back. */
export const RESTORE = String.raw`
# The environment of the containers that run now is the one thing of the previous release that nobody else has: its .env
# was destroyed. It is kept in memory for the length of the deploy.
remember() {
  containers "$memory/present"
  inspected "$memory/present" '{{.ID}} {{index .Config.Labels "com.docker.compose.service"}} {{.State.Running}} {{len .HostConfig.PortBindings}} {{json .Config.Env}}' >"$memory/before"
}

# Whether a container from before is still as it was.
remains() {
  case $running/$(grep -F "$id" "$memory/present") in
  */ | true/*' exited' | true/*' created' | true/*' dead') return 1 ;;
  esac
}

# Takes away what the release started, but for what took a place: that is "lost", the services that must be made again. What
# was only started beside is not: the old containers still serve.
retreat() {
  containers "$memory/present"
  while read -r id service running ports environment; do
    if ! remains; then printf '%s\n' "$service"; fi
  done <"$memory/before" >"$memory/lost"
  while read -r id service its_hash state; do
    if grep -qF "$id" "$memory/before"; then continue; fi
    if grep -qxF "$service" "$memory/lost" && ! grep -qxF "$service" "$memory/serving"; then continue; fi
    printf '%s\n' "$id"
  done <"$memory/present" >"$memory/ending"
  finish "$memory/ending"
}

# As a compose file: the environment of the services that must be made again.
override() {
  seen='' comma=''
  printf '{"services":{'
  while read -r id service running ports environment; do
    if ! grep -qxF "$service" "$memory/lost" || ! grep -qxF "$service" "$memory/services"; then continue; fi
    case " $seen " in *" $service "*) continue ;; esac
    seen="$seen $service"
    if [ "$environment" = null ]; then environment='[]'; fi
    printf '%s"%s":{"environment":%s}' "$comma" "$service" "$(printf %s "$environment" | sed 's/\$/$$/g')"
    comma=,
  done <"$memory/before"
  printf '}}\n'
}

restore() {
  retreat || return 1
  limit=60
  if ! compose "$previous" config --services; then return 1; fi
  cp "$memory/output" "$memory/services"
  override >"$memory/override.json"
  set --
  while read -r name; do
    if grep -qF " $name " "$memory/before" && ! grep -qxF "$name" "$memory/lost"; then continue; fi
    set -- "$@" "$name"
  done <"$memory/services"
  cp "$memory/services" "$memory/judged"
  : >"$memory/old"
  limit=$((health + drain + 120))
  if [ $# -gt 0 ]; then
    compose "$previous" -f "$memory/override.json" up -d --no-build --no-deps --timeout "$drain" "$@" || return 1
  fi
  gate
}

roll_back() {
  if [ -n "$previous" ]; then
    say phase rollback
    if restore; then settle rolled-back; fi
    said
    fact left running
  elif [ -s "$memory/before" ]; then
    if ! retreat || [ -s "$memory/lost" ]; then fact left running; fi
  else
    say phase remove
    limit=$((drain + 120))
    if compose "$release" down --remove-orphans --timeout "$drain"; then fact left nothing; else fact left running; fi
  fi
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
`
