/** Looks at containers: which there are, how they do, and what one that does badly has to say. */
export const HEALTH = String.raw`
# One line a container: id, service, compose's hash of its definition, state.
containers() {
  docker ps -a --no-trunc --filter "label=com.docker.compose.project=$project" \
    --filter label=com.docker.compose.oneoff=False \
    --format '{{.ID}} {{.Label "com.docker.compose.service"}} {{.Label "com.docker.compose.config-hash"}} {{.State}}' >"$1"
}
# Of the containers of the file that containers wrote: what docker inspect says by this format, nothing when there are none.
inspected() { if [ -s "$1" ]; then cut -d ' ' -f 1 "$1" | xargs docker inspect --format "$2" 2>/dev/null; fi; }

# One line a container (".ID", because ".Id" makes docker read raw JSON, where a missing Health is an error): id, service, status, exit code, restarts, restart policy, health, image.
states() {
  containers "$memory/seen"
  inspected "$memory/seen" '{{.ID}} {{index .Config.Labels "com.docker.compose.service"}} {{.State.Status}} {{.State.ExitCode}} {{.RestartCount}} {{if .HostConfig.RestartPolicy.Name}}{{.HostConfig.RestartPolicy.Name}}{{else}}no{{end}} {{if .State.Health}}{{.State.Health.Status}}{{else}}none{{end}} {{.Config.Image}}' >"$memory/states"
}

# Whether a container is as its release wants it: good, calm (runs, has no health check), waiting or bad.
judge() {
  case $status/$state_of_health in
  running/healthy) echo good ;;
  running/none) echo calm ;;
  running/unhealthy | paused/* | dead/*) echo bad ;;
  restarting/*) if [ "$restarts" -ge 2 ]; then echo bad; else echo waiting; fi ;;
  exited/*)
    # What takes the place of a server has to serve.
    if grep -qxF "$service" "$memory/serving"; then code=1; fi
    case $code/$policy in
    0/no | 0/on-failure) echo good ;;
    0/*) echo waiting ;;
    *) echo bad ;;
    esac
    ;;
  *) echo waiting ;;
  esac
}

# Waits until every container of the services in "judged" is good, but for those in "old"; what has no health check must
# run for 5 looks in a row without a restart.
: >"$memory/serving"
: >"$memory/judged"
: >"$memory/old"
gate() {
  deadline=$(($(date +%s) + health))
  calm=0 calm_before=''
  while :; do
    states
    bad='' waiting='' calm_now=''
    while read -r id service status code restarts policy state_of_health image; do
      if ! grep -qxF "$service" "$memory/judged" || grep -qxF "$id" "$memory/old"; then continue; fi
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
    if [ -s "$memory/states" ] && [ -z "$waiting" ] && [ "$(wc -l <"$memory/seen")" -eq "$(wc -l <"$memory/states")" ]; then
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

# Asks the containers of a list to end, gives them the time that they may take, and takes them away.
finish() {
  if [ ! -s "$1" ]; then return 0; fi
  xargs timeout "$((drain + 60))" docker stop -t "$drain" <"$1" >/dev/null 2>"$memory/errors"
  xargs docker rm -f <"$1" >/dev/null 2>>"$memory/errors"
  containers "$memory/left"
  ! grep -qFf "$1" "$memory/left"
}
`
