#!/bin/sh
# vipd @VERSION@, portable: this script, followed by a runtime and the program, both packed with gzip. The first
# start unpacks them into a folder that only this user can write; later starts run what is there.
# VIPD_CACHE_DIR names the folder. See docs/install.md
set -u

id=@ID@
header_size=@HEADER_SIZE@
runtime_size=@RUNTIME_SIZE@ runtime_sha256=@RUNTIME_SHA256@
program_sha256=@PROGRAM_SHA256@
payload_sha256=@PAYLOAD_SHA256@

self=$0
why=''

# Owner and mode of the two files, and inode, size and times, which change with the content.
facts() {
  stat -c '%u %a %i %s %y %z' "$1/vipd" "$1/vipd.js" 2>/dev/null
}

# Is the folder a real one, this user's, and writable for nobody else?
own_folder() {
  if [ -L "$1" ] || [ ! -d "$1" ] || [ ! -O "$1" ]; then return 1; fi
  case $(stat -c %a "$1") in *[2367]? | *[2367]) return 1 ;; esac
}

# Is the runtime and the program there, this user's, and as they were packed? The digests are computed when the files
# have changed in any way since they were last computed.
intact() {
  own_folder "$1" && [ -O "$1/vipd" ] && [ -O "$1/vipd.js" ] || return 1
  now=$(facts "$1") || return 1
  case $now in "$uid 555 "*"
$uid 444 "*) ;; *) return 1 ;; esac
  if [ -O "$1/verified" ] && [ "$(cat "$1/verified")" = "$now" ]; then return 0; fi
  printf '%s  %s\n' "$runtime_sha256" "$1/vipd" "$program_sha256" "$1/vipd.js" |
    sha256sum -c >/dev/null 2>&1 || return 1
  (umask 077 && printf '%s\n' "$now" >"$1/verified.$$" && mv -f "$1/verified.$$" "$1/verified") 2>/dev/null
  return 0
}

# Unpacks next to the place and moves it there in one step, so that starts at the same time do not meet halves. Others may
# read and run it: a front that the engine starts is another user.
unpack() (
  umask 022
  new=$(mktemp -d "$1/.new.XXXXXX") && chmod 755 "$new" || exit 1
  trap 'rm -rf "$new"' EXIT
  trap 'exit 1' HUP INT TERM
  tail -c "+$((header_size + 1))" "$self" | head -c "$runtime_size" | gzip -dc >"$new/vipd" || exit 1
  tail -c "+$((header_size + runtime_size + 1))" "$self" | gzip -dc >"$new/vipd.js" || exit 1
  chmod 555 "$new/vipd" && chmod 444 "$new/vipd.js" && intact "$new" || exit 1
  "$new/vipd" --version >/dev/null || exit 1
  # A start at the same time may have put an intact one there, which must stay; what is not intact makes way.
  mv -T "$new" "$1/$id" 2>/dev/null || intact "$1/$id" || {
    old=$(mktemp -d "$1/.old.XXXXXX") && mv -T "$1/$id" "$old" && rm -rf "$old"
    mv -T "$new" "$1/$id" || intact "$1/$id" || exit 1
  }
  # Versions that were unpacked long ago, and what an interrupted start left.
  find "$1" -mindepth 1 -maxdepth 1 -mtime +30 ! -name "$id" -exec rm -rf {} + 2>/dev/null
  exit 0
)

# Runs vipd from the folder where it is, or can be, unpacked; returns when it cannot.
run_from() {
  folder=$1
  shift
  if ! intact "$folder/$id"; then
    if ! [ -d "$folder" ] && ! (umask 077 && mkdir -p "$folder" && chmod 755 "$folder") 2>/dev/null; then
      why="$why
  $folder: cannot be made"
      return
    fi
    if ! own_folder "$folder"; then
      why="$why
  $folder: must be owned by uid $uid, no link, and writable for nobody else"
      return
    fi
    if [ ! -w "$folder" ]; then
      why="$why
  $folder: cannot be written"
      return
    fi
    check_payload
    if ! said=$(unpack "$folder" 2>&1); then
      why="$why
  $folder: $(printf '%s' "${said:-unpacking failed}" | head -n 1)"
      return
    fi
  fi
  # The runtime's own caches belong next to it, and it must not look for news of itself.
  export DENO_DIR="$folder/$id/cache" DENO_NO_UPDATE_CHECK=1 DENO_NO_PACKAGE_JSON=1
  exec "$folder/$id/vipd" run --quiet \
    @OPTIONS@ \
    "$folder/$id/vipd.js" "$@"
}

checked=''
check_payload() {
  if [ -n "$checked" ]; then return; fi
  if [ "$(tail -c "+$((header_size + 1))" "$self" | sha256sum)" != "$payload_sha256  -" ]; then
    echo "vipd: $self is damaged: its content does not have the digest that it was made with; copy it again" >&2
    exit 1
  fi
  checked=yes
}

uid=$(id -u)
if [ -n "${VIPD_CACHE_DIR:-}" ]; then
  run_from "$VIPD_CACHE_DIR" "$@"
else
  # The service has a folder of its own, CacheDirectory= of its unit; then root's place, the services' for their users,
  # the user's own, and last what a reboot empties.
  if [ -n "${CACHE_DIRECTORY:-}" ]; then run_from "${CACHE_DIRECTORY%%:*}" "$@"; fi
  if [ "$uid" = 0 ]; then run_from /var/cache/vipd-root "$@"; fi
  # The units' users in a shell, who have no home.
  for cache in /var/cache/vipd /var/cache/vipd-front; do
    if [ -O "$cache" ] && [ "$uid" != 0 ]; then run_from "$cache" "$@"; fi
  done
  if [ -n "${XDG_CACHE_HOME:-}" ]; then run_from "$XDG_CACHE_HOME/vipd" "$@"; fi
  if [ -n "${HOME:-}" ]; then run_from "$HOME/.cache/vipd" "$@"; fi
  if [ "$uid" = 0 ]; then run_from /run/vipd-cache "$@"; else run_from "/run/user/$uid/vipd-cache" "$@"; fi
fi

cat >&2 <<END
vipd: cannot unpack itself. Looked at:$why
Set VIPD_CACHE_DIR to a folder that only uid $uid can write, with @UNPACKED_MIB@ MiB free, on a
file system that runs programs (not mounted noexec).
END
exit 1
