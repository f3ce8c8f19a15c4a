/** The order of a release. */
export const RELEASE = String.raw`
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
if ! compose "$release" pull -q; then
  said
  fact cause pull
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
  say phase drain
  cat "$memory/old" >>"$memory/ending"
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
