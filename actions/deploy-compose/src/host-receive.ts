/** Reads what is to be done, answers who asks for an outcome, takes the lock and writes down the release. */
export const RECEIVE = String.raw`
set -u
umask 077
# GitHub's runner ends by this variable what a cancelled job left behind; a release begun must come to its end.
unset RUNNER_TRACKING_ID
trap '' HUP INT PIPE TERM

keyed_hash() { { cat "$root/label-key" -; } | sha256sum | cut -c -32; }
say() { printf '@%s\n' "$*" 2>/dev/null || :; }
encoded() { base64 | tr -d '\n'; }

task='' project='' release='' health='' drain='' texts='' plan='' contents='' dotenv='' pins='' held='' smoke=0 login='' needles='' owner='' complete=''
newline='
'
while IFS=' ' read -r key value; do
  case $key in
  task) task=$value ;;
  project) project=$value ;;
  release) release=$value ;;
  health) health=$value ;;
  drain) drain=$value ;;
  compose) texts="$texts $value" ;;
  service) plan="$plan$value$newline" ;;
  content) contents="$contents$value$newline" ;;
  pin) pins="$pins$value$newline" ;;
  held) held="$held$value$newline" ;;
  smoke) smoke=$value ;;
  login) login=$value ;;
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
case $health$drain$smoke in '' | *[!0-9]*) complete='' ;; esac
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

case $task in
smoke-*)
  # Only of a release that is under way: it looks for it, and its lock is held.
  if [ -d "$folder" ] && ! flock -n "$root/lock" true; then
    printf '%s\n' "$task" >"$folder/smoke.part"
    mv "$folder/smoke.part" "$folder/smoke"
  fi
  exit 0
  ;;
esac

say accepted
for tool in docker flock timeout base64 mktemp xargs sha256sum; do
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
if [ ! -f "$root/releases/$previous/compose-01.yml" ]; then previous=''; fi
mkdir -p "$folder"
count=0
for text in $texts; do
  count=$((count + 1))
  printf %s "$text" | base64 -d >"$folder/compose-$(printf %02d "$count").yml"
done
cp "$root/owner" "$folder/owner"
say previous "$previous"
if [ -n "$previous" ]; then
  for file in "$root/releases/$previous"/compose-*.yml; do say before "$(encoded <"$file")"; done
fi

# What compose does not compare, as labels, which it does. The key stays on this host: a label may be read by many, and
# a plain hash of a short value can be guessed.
if [ -n "$contents$held" ] && [ ! -s "$root/label-key" ]; then head -c 32 /dev/urandom | encoded >"$root/label-key"; fi
if [ -n "$contents" ]; then
  printf %s "$contents" | {
    printf '{"services":{'
    comma=''
    while read -r name content; do
      hash=$(printf %s "$content" | keyed_hash)
      printf '%s"%s":{"labels":{"slipway.contents":"%s"}}' "$comma" "$name" "$hash"
      comma=,
    done
    printf '}}\n'
  } >"$folder/compose-labels.yml"
  contents=''
fi
`
