/** The order of a release. */
export const RELEASE = String.raw`
pull() (
  if [ -d "$memory/docker" ]; then export DOCKER_CONFIG="$memory/docker"; fi
  compose "$release" pull -q
)

# A tag may move. What it names now is what this release is, also when it comes back.
pin() {
  if [ -z "$pins" ]; then return 0; fi
  printf %s "$pins" >"$memory/pins"
  comma=''
  printf '{"services":{' >"$folder/compose-pins.part"
  while read -r name image repository; do
    if ! grep -qxF "$name" "$memory/services"; then continue; fi
    docker image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$image" >"$memory/output" 2>"$memory/errors"
    digest=''
    while read -r line; do
      case $line in "$repository@"*) digest=$(printf %s "$line" | sed 's/.*@//') ;; esac
    done <"$memory/output"
    if [ -z "$digest" ]; then
      fact unpinned "$name" "$image"
      return 1
    fi
    printf '%s"%s":{"image":"%s@%s"}' "$comma" "$name" "$image" "$digest" >>"$folder/compose-pins.part"
    fact pinned "$name" "$image@$digest"
    comma=,
  done <"$memory/pins"
  printf '}}\n' >>"$folder/compose-pins.part"
  mv "$folder/compose-pins.part" "$folder/compose-pins.yml"
}

# Who deploys asks the application from outside, and tells what came of it (task smoke-passed). No word is a bad one.
smoke_passes() {
  if [ "$smoke" -eq 0 ]; then return 0; fi
  say phase smoke
  end=$(($(date +%s) + smoke))
  while [ ! -f "$folder/smoke" ]; do
    if [ "$(date +%s)" -ge "$end" ]; then return 1; fi
    sleep 1
  done
  grep -qx smoke-passed "$folder/smoke"
}

smoke_or_back() {
  if smoke_passes; then return 0; fi
  fact cause smoke
  roll_back
}

say phase check
limit=60
if ! compose "$release" config --services; then
  said
  fact cause config
  settle failed
fi
cp "$memory/output" "$memory/services"
say phase pull
limit=1800
if ! pull; then
  said
  fact cause pull
  settle failed
fi
if ! pin; then
  fact cause pin
  settle failed
fi
remember

say phase start
orphans 1 >"$memory/ending"
finish "$memory/ending"
if ! bring_up; then
  fact cause "$cause"
  if [ "$cause" = up ]; then
    said
    health_given=$health health=0
    gate
    health=$health_given
  fi
  diagnose
  roll_back
fi

orphans 0 >"$memory/ending"
if [ -s "$memory/old" ]; then
  # Until proxies that look by name or by label have found the new containers, and sent them their own health checks.
  say phase overlap
  sleep 5
  cp "$memory/serving" "$memory/judged"
  health_given=$health health=0
  if ! gate; then
    health=$health_given
    fact cause health
    diagnose
    roll_back
  fi
  smoke_or_back
  say phase drain
  cat "$memory/old" >>"$memory/ending"
else
  smoke_or_back
fi
point_stable
if ! finish "$memory/ending"; then
  said
  fact cause drain
  fact left old
  settle failed
fi
tell_replaced
settle succeeded
`
