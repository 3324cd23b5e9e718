#!/bin/sh
# bench/install.sh PACKAGE...: installs those that are missing, for the bench alone. Debian's packages of PostgreSQL and
# Redis would make a cluster and start servers: none is made, none is started.
set -eu
missing=""
for package in "$@"; do
    dpkg -s "$package" >/dev/null 2>&1 || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
sudo=""
[ "$(id -u)" = 0 ] || sudo=sudo

# Read by postgresql-common when it is installed.
if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
    $sudo mkdir -p /etc/postgresql-common
    echo 'create_main_cluster = false' | $sudo tee /etc/postgresql-common/createcluster.conf >/dev/null
fi
# Asked by every package before it starts a service; ours is taken away again.
ours=""
if [ ! -e /usr/sbin/policy-rc.d ]; then
    ours=yes
    printf '#!/bin/sh\nexit 101\n' | $sudo tee /usr/sbin/policy-rc.d >/dev/null
    $sudo chmod 755 /usr/sbin/policy-rc.d
fi
$sudo apt-get update -q
failed=0
# shellcheck disable=SC2086 # names of packages hold no blanks
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing || failed=$?
[ -z "$ours" ] || $sudo rm -f /usr/sbin/policy-rc.d
exit "$failed"
