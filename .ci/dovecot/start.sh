#!/usr/bin/env bash
# A real Dovecot on loopback over the Maildirs of the Postfix of ../postfix, with its own configuration, certificate
# authority and password, all below DIR.
#
#   start.sh DIR PORT MAIL     IMAP with TLS on PORT, with STARTTLS on PORT+1; stop it with: doveadm -c DIR/dovecot.conf stop
#
# MAIL is that Postfix's folder of Maildirs (its DIR/mail). The accounts are seller and buyer, with one password;
# indexes stand below DIR, so that the Maildirs stay as Postfix made them.
#
# DIR/env gets the NUDGED_IMAP* variables that the tests read. Needs root and the packages dovecot-imapd and openssl.
set -euo pipefail
umask 022

DIR=${1:?usage: start.sh DIR PORT MAIL} PORT=${2:?usage: start.sh DIR PORT MAIL} MAIL=${3:?usage: start.sh DIR PORT MAIL}
mkdir -p "$DIR"
DIR=$(cd "$DIR" && pwd -P)
MAIL=$(cd "$MAIL" && pwd -P)
runuser -u dovenull -- test -x "$DIR" || { echo "the user dovenull cannot enter $DIR: chmod a+x it and what is above it" >&2; exit 1; }
PASSWORD=$(openssl rand -hex 16)

certificate() {
  mkdir -p "$DIR/tls"
  cd "$DIR/tls"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 7 -subj '/CN=nudged test authority of mailboxes' \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign -keyout ca.key -out ca.pem
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj '/CN=localhost' -keyout server.key -out server.csr
  printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n' > server.ext
  openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 7 -extfile server.ext -out server.pem
  chmod 600 ./*.key
}

accounts() {
  local name hash
  hash=$(doveadm pw -s SHA512-CRYPT -p "$PASSWORD")
  for name in seller buyer; do echo "$name:$hash"; done > "$DIR/users"
  chown root:dovecot "$DIR/users"
  chmod 640 "$DIR/users"
}

configure() {
  mkdir -p "$DIR/index" "$DIR/run"
  chown nobody "$DIR/index"
  cat > "$DIR/dovecot.conf" <<CONF
base_dir = $DIR/run
state_dir = $DIR/run
log_path = $DIR/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <$DIR/tls/server.pem
ssl_key = <$DIR/tls/server.key
ssl_min_protocol = TLSv1.2
disable_plaintext_auth = yes
auth_mechanisms = plain login
auth_failure_delay = 0
mail_location = maildir:$MAIL/%n:INDEX=$DIR/index/%n:CONTROL=$DIR/index/%n
first_valid_uid = 1
passdb {
  driver = passwd-file
  args = $DIR/users
}
userdb {
  driver = static
  args = uid=$(id -u nobody) gid=$(id -g nobody) home=$DIR/index/%n
}
service imap-login {
  inet_listener imap {
    port = $((PORT + 1))
  }
  inet_listener imaps {
    port = $PORT
    ssl = yes
  }
}
# Nobody is made to wait because a test has tried a wrong password.
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
namespace inbox {
  inbox = yes
}
CONF
}

# A greeting must come, and over TLS, with the certificate that the tests trust.
wait_for_greeting() {
  local line
  for _ in $(seq 600); do
    line=$(timeout 10 openssl s_client -quiet -verify_return_error -CAfile "$DIR/tls/ca.pem" -verify_hostname localhost -connect "127.0.0.1:$PORT" 2> /dev/null \
      <<< 'x LOGOUT' | head -n 1 || true)
    [[ $line == '* OK'* ]] && return 0
    sleep 0.1
  done
  return 1
}

certificate > "$DIR/openssl.log" 2>&1 || { cat "$DIR/openssl.log" >&2; exit 1; }
accounts
configure
dovecot -c "$DIR/dovecot.conf" < /dev/null > "$DIR/start.log" 2>&1 || { cat "$DIR/start.log" >&2; exit 1; }
wait_for_greeting || { echo "dovecot does not answer on 127.0.0.1:$PORT" >&2; cat "$DIR/start.log" "$DIR/dovecot.log" >&2; exit 1; }

cat > "$DIR/env" <<ENV
export NUDGED_IMAP=localhost:$PORT
export NUDGED_IMAP_STARTTLS=localhost:$((PORT + 1))
export NUDGED_IMAP_USER=seller
export NUDGED_IMAP_PASSWORD=$PASSWORD
export NUDGED_IMAP_CA=$DIR/tls/ca.pem
ENV
chmod 600 "$DIR/env"
echo "READY imaps://localhost:$PORT"
