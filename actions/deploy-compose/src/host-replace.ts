/** How the services of a release take the place of those before, group by group (`replacement.ts`). */
export const REPLACE = String.raw`
again() { compose "$release" up -d --no-build --no-deps --timeout "$drain" "$@"; }

# As compose does it: each container that changed is stopped before its successor starts.
recreate() {
  set --
  while read -r number kind name want; do set -- "$@" "$name"; done <"$memory/group"
  again "$@"
}

# Beside what runs. Compose makes the new containers, and what it labels them with says which services changed; new ones of
# the others are taken away again. Nothing that runs is stopped. One service at a time, because compose up to 2.26 counts
# the dependencies that are named with it as a change.
beside() {
  : >"$memory/starting"
  while read -r number kind name want <&7; do
    printf '%s\n' "$name" >>"$memory/serving"
    containers "$memory/present"
    grep -F " $name " "$memory/present" >"$memory/stale"
    compose "$release" up --no-start --no-build --no-deps --no-recreate \
      --scale "$name=$(($(wc -l <"$memory/stale") + want))" "$name" || return 1
    cut -d ' ' -f 1 "$memory/stale" >"$memory/stale-ids"
    containers "$memory/present"
    grep -F " $name " "$memory/present" | grep -vFf "$memory/stale-ids" >"$memory/fresh"
    if [ -s "$memory/stale" ] && inspected "$memory/fresh" '{{range .Mounts}}{{if eq .Type "volume"}}{{.RW}}{{end}}{{end}}' | grep -q true; then
      cut -d ' ' -f 1 "$memory/fresh" | xargs docker rm -v >/dev/null 2>&1
      fact volume "$name"
      again "$name" || return 1
      continue
    fi
    choose
  done 7<"$memory/group"
  set --
  while read -r name count; do set -- "$@" --scale "$name=$count" "$name"; done <"$memory/starting"
  if [ $# -gt 0 ]; then compose "$release" up -d --no-build --no-deps --no-recreate "$@"; fi
}

# Which containers of a service stay: as many as it wants, first those that run as the release wants them (a deploy before this
# one may have been killed), then new ones. The rest is old, and ends with the release's success.
choose() {
  good=0 ends=0 starts=0
  hash=$(head -n 1 "$memory/fresh" | cut -d ' ' -f 3)
  while read -r id service its_hash state; do
    if [ "$its_hash $state" = "$hash running" ] && [ "$good" -lt "$want" ]; then
      good=$((good + 1))
    else
      ends=$((ends + 1))
      printf '%s\n' "$id" >>"$memory/old"
    fi
  done <"$memory/stale"
  while read -r id service its_hash state; do
    if [ $((good + starts)) -lt "$want" ]; then
      starts=$((starts + 1))
    else
      docker rm -v "$id" >/dev/null 2>&1
    fi
  done <"$memory/fresh"
  if [ "$starts" -gt 0 ]; then printf '%s\n' "$name $((good + ends + starts))" >>"$memory/starting"; fi
  if [ "$starts" -gt 0 ] && [ "$ends" -gt 0 ]; then fact beside "$name"; fi
}

bring_up() {
  printf %s "$plan" >"$memory/plan"
  cut -d ' ' -f 1 "$memory/plan" | sort -nu >"$memory/numbers"
  while read -r number <&6; do
    : >"$memory/group"
    while read -r group kind name want; do
      # A service of a profile that is not asked for would be started by its name.
      if [ "$group" != "$number" ] || ! grep -qxF "$name" "$memory/services"; then continue; fi
      printf '%s\n' "$group $kind $name $want" >>"$memory/group"
      printf '%s\n' "$name" >>"$memory/judged"
    done <"$memory/plan"
    if [ ! -s "$memory/group" ]; then continue; fi
    read -r group kind name want <"$memory/group"
    limit=$((health + drain + 120))
    cause=up
    case $kind in
    beside) beside || return 1 ;;
    *) recreate || return 1 ;;
    esac
    cause=health
    gate || return 1
  done 6<"$memory/numbers"
}

# Containers of services that are no longer there: one that holds a port is in the way of what comes.
orphans() {
  while read -r id service running ports environment; do
    if [ "$ports" -ge "$1" ] && ! grep -qxF "$service" "$memory/services"; then printf '%s\n' "$id"; fi
  done <"$memory/before"
}

# For the summary: services of which a container from before is no longer there.
tell_replaced() {
  containers "$memory/present"
  while read -r id service running ports environment; do
    if ! grep -qF "$id" "$memory/present"; then fact replaced "$service"; fi
  done <"$memory/before"
}
`
