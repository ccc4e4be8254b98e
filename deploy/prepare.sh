#!/bin/sh
# Installs the programs that a command needs and this machine lacks: through apt where we are root or have sudo without
# a password, else it says exactly what to install. No service is started: dialtree runs its own private instances.
#
#   deploy/prepare.sh python          Python 3.11 or later with venv
#   deploy/prepare.sh slapd           OpenLDAP's server and its command line tools
#   deploy/prepare.sh tools           all that the tests need: slapd, nginx, openssl, curl
#   deploy/prepare.sh bench           that, and wrk
set -eu
PATH="$PATH:/usr/sbin:/sbin"
PYTHON="${PYTHON:-python3}"
FEATURES='import ssl, sqlite3; sqlite3.connect(":memory:").execute("CREATE VIRTUAL TABLE t USING fts5(x)")'

say() { printf 'dialtree: %s\n' "$*" >&2; }

has() { command -v "$1" >/dev/null 2>&1; }

install() { # package …
    if [ "$(id -u)" = 0 ]; then
        as_root=""
    elif has sudo && sudo -n true 2>/dev/null; then
        as_root="sudo"
    else
        as_root="none"
    fi
    if [ "$as_root" = none ] || ! has apt-get; then
        say "missing: $*. Install them first:  sudo apt-get install --no-install-recommends $*"
        exit 1
    fi
    say "installing $* with apt"
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then # keeps the packages from starting a system-wide slapd or nginx
        printf '#!/bin/sh\nexit 101\n' | $as_root sh -c "cat > $policy && chmod 755 $policy"
        trap '$as_root rm -f "$policy"' EXIT INT TERM
    fi
    log=$(mktemp)
    if ! { $as_root apt-get update &&
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"; } >"$log" 2>&1; then
        tail -n 5 "$log" >&2
        rm -f "$log"
        say "apt could not install $*; see above"
        exit 1
    fi
    rm -f "$log"
}

python_() {
    has "$PYTHON" || install python3 python3-venv
    if ! "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
        say "$("$PYTHON" --version) is too old: Python 3.11 or later is needed (name one with make PYTHON=python3.12 …)"
        exit 1
    fi
    if ! "$PYTHON" -c "$FEATURES" 2>/dev/null; then
        say "$PYTHON lacks ssl, or sqlite3 with FTS5; take Debian's own python3 (make PYTHON=/usr/bin/python3 …)"
        exit 1
    fi
    "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null || install python3-venv
}

programs() { # program:package …
    missing=""
    for pair in "$@"; do
        has "${pair%%:*}" || missing="$missing ${pair##*:}"
    done
    # shellcheck disable=SC2086  # a list of package names
    [ -z "$missing" ] || install $missing
}

case "${1:-}" in
python) python_ ;;
slapd) programs slapd:slapd ldapmodify:ldap-utils ;;
tools) programs slapd:slapd ldapmodify:ldap-utils nginx:nginx-light openssl:openssl curl:curl ;;
bench) programs slapd:slapd ldapmodify:ldap-utils nginx:nginx-light openssl:openssl curl:curl wrk:wrk ;;
*)
    say "usage: deploy/prepare.sh python|slapd|tools|bench"
    exit 2
    ;;
esac
