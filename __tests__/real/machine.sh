#!/bin/bash
# A machine of its own on this one: a network namespace with one cable to here, and a program in it. It says "ready" when the
# cable is there, and takes all of it away when its standard input ends, so that nothing stays however its starter ends.
#   machine.sh NAME FOLDER NEAR FAR INTERNET PROGRAM…
# NAME: 15 characters at most, beginning with "slipway"; FOLDER: the machine's own, removed at the end; NEAR, FAR: the two
# addresses of a /30; INTERNET: "yes" when the machine may go further than to here and to its like.
set -eu
name=$1 folder=$2 near=$3 far=$4 internet=$5
shift 5
program=''
group=/sys/fs/cgroup
[ ! -d $group/unified ] || group=$group/unified
group=$group/$name

rules() {
  iptables -w "$1" FORWARD -i "$name" -j ACCEPT
  iptables -w "$1" FORWARD -o "$name" -j ACCEPT
  [ "$internet" != yes ] || iptables -w -t nat "$1" POSTROUTING -s "$far" ! -o slipway+ -j MASQUERADE
}
leave() {
  trap '' HUP INT TERM
  set +e
  [ -z "$program" ] || kill -KILL "$program"
  echo 1 >"$group/cgroup.kill"
  for _ in $(seq 100); do
    if grep -q 'populated 0' "$group/cgroup.events"; then break; fi
    sleep 0.1
  done
  rules -D
  ip link delete "$name"
  ip netns delete "$name"
  # Control groups outlive their processes.
  find /sys/fs/cgroup -depth -type d -path "*/$name*" -exec rmdir {} +
  rm -rf "$folder"
} >/dev/null 2>&1
trap leave EXIT
trap 'exit 1' HUP INT TERM

ip netns add "$name"
ip link add "$name" type veth peer name eth0 netns "$name"
ip address add "$near/30" dev "$name"
ip link set "$name" up
ip -n "$name" link set lo up
ip -n "$name" address add "$far/30" dev eth0
ip -n "$name" link set eth0 up
ip -n "$name" route add default via "$near"
sysctl -qw net.ipv4.ip_forward=1
rules -I
# In control groups of its own: two that boot would else share theirs.
mkdir -p "$group/program"
(
  echo "$BASHPID" >"$group/program/cgroup.procs"
  exec "$@"
) </dev/null >"$folder/log" 2>&1 &
program=$!
echo ready
cat >/dev/null
