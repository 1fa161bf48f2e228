#!/usr/bin/env bash
# A real Postfix on loopback, with its own configuration, queue and certificate authority, all below DIR.
#
#   start.sh DIR [PORT]     PORT defaults to 2525; stop it with: postfix -c DIR/etc stop
#
# It asks for STARTTLS, then for AUTH, as a submission server of a mail provider does, and it delivers into
# Maildirs below DIR/mail. It relays nothing: a domain that is not its own is refused.
#
#   buyer@nudged.test    accepted, DIR/mail/buyer      seller@nudged.test   accepted, DIR/mail/seller
#   *@example.test       accepted, DIR/mail/customers  later@nudged.test    450, try again later
#   full@nudged.test     452, mailbox full             gone@nudged.test     550, and so is every other name
#   moved@example.test   accepted, then bounced with 5.1.1: it is forwarded to gone@nudged.test
#   packed@example.test  accepted, then bounced with 5.2.2: mailbox full
#   unsubscribe@nudged.test   accepted, DIR/mail/seller
#
# DIR/env gets the NUDGED_SMTP* variables that the tests read. Needs root and the packages postfix, sasl2-bin,
# libsasl2-modules and openssl. Everybody must be able to enter DIR: Postfix's parts run as users of their own.
set -euo pipefail
umask 022

DIR=${1:?usage: start.sh DIR [PORT]} PORT=${2:-2525}
mkdir -p "$DIR"
DIR=$(cd "$DIR" && pwd -P)
runuser -u postfix -- test -x "$DIR" || { echo "the user postfix cannot enter $DIR: chmod a+x it and what is above it" >&2; exit 1; }
PASSWORD=$(openssl rand -hex 16)

certificate() {
  mkdir -p "$DIR/tls"
  cd "$DIR/tls"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 7 -subj '/CN=nudged test authority' \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign -keyout ca.key -out ca.pem
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj '/CN=localhost' -keyout server.key -out server.csr
  printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n' > server.ext
  openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 7 -extfile server.ext -out server.pem
  chmod 600 ./*.key
}

# The one account, kept in Cyrus SASL's own file: no second daemon is needed to check a password.
# Debian's Postfix looks for smtpd.conf in the folder sasl of its configuration and nowhere else.
account() {
  mkdir -p "$DIR/etc/sasl"
  printf '%s\n' 'pwcheck_method: auxprop' 'auxprop_plugin: sasldb' 'mech_list: PLAIN LOGIN' \
    "sasldb_path: $DIR/etc/sasl/sasldb2" > "$DIR/etc/sasl/smtpd.conf"
  printf '%s' "$PASSWORD" | saslpasswd2 -p -c -f "$DIR/etc/sasl/sasldb2" -u nudged.test shop
  chown root:postfix "$DIR/etc/sasl/sasldb2"
  chmod 640 "$DIR/etc/sasl/sasldb2"
}

mailboxes() {
  mkdir -p "$DIR/mail"
  # The tests wait for files here, so the folders stand before the first mail comes.
  mkdir -p "$DIR"/mail/{buyer,seller,customers}/{new,cur,tmp}
  chown -R nobody "$DIR/mail"
  printf '%s\n' 'buyer@nudged.test buyer/' 'seller@nudged.test seller/' '@example.test customers/' \
    'later@nudged.test seller/' 'full@nudged.test seller/' 'unsubscribe@nudged.test seller/' > "$DIR/etc/mailboxes"
  printf '%s\n' 'later@nudged.test 450 4.3.2 The server is busy, try again later' \
    'full@nudged.test 452 4.2.2 The mailbox is full' > "$DIR/etc/refusals"
  # What is found out only after it has been taken over makes a true bounce.
  printf '%s\n' 'moved@example.test gone@nudged.test' 'packed@example.test overfull@example.test' > "$DIR/etc/forwards"
  printf '%s\n' 'overfull@example.test error:5.2.2 The mailbox is full' > "$DIR/etc/transports"
}

configure() {
  mkdir -p "$DIR/etc" "$DIR/spool"
  mailboxes
  mkdir -p "$DIR/data" && chown postfix "$DIR/data"
  cat > "$DIR/etc/main.cf" <<EOF
compatibility_level = 3.6
queue_directory = $DIR/spool
data_directory = $DIR/data
maillog_file = $DIR/mail.log
maillog_file_prefixes = $DIR
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.nudged.test
mydomain = nudged.test
mydestination =
alias_maps =
local_recipient_maps =
mynetworks_style = host

virtual_mailbox_domains = nudged.test, example.test
virtual_mailbox_base = $DIR/mail
virtual_mailbox_maps = texthash:$DIR/etc/mailboxes
virtual_alias_maps = texthash:$DIR/etc/forwards
transport_maps = texthash:$DIR/etc/transports
virtual_uid_maps = static:$(id -u nobody)
virtual_gid_maps = static:$(id -g nobody)
default_transport = error:this server relays nothing
relay_transport = error:this server relays nothing

smtpd_tls_security_level = encrypt
smtpd_tls_auth_only = yes
smtpd_tls_cert_file = $DIR/tls/server.pem
smtpd_tls_key_file = $DIR/tls/server.key
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = cyrus
smtpd_sasl_path = smtpd
smtpd_sasl_local_domain = nudged.test
smtpd_sasl_security_options = noanonymous
# A header that the sender forgot stays missing, so that a test can see it.
local_header_rewrite_clients =
smtpd_client_restrictions = permit_sasl_authenticated, reject
smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_restrictions = reject_unauth_destination, check_recipient_access texthash:$DIR/etc/refusals
EOF
  # Nothing is chrooted: the maps and certificates live below DIR, not below the queue.
  cat > "$DIR/etc/master.cf" <<EOF
127.0.0.1:$PORT inet n - n - - smtpd
pickup     unix n - n 60  1 pickup
cleanup    unix n - n -   0 cleanup
qmgr       unix n - n 300 1 qmgr
tlsmgr     unix - - n 1000? 1 tlsmgr
rewrite    unix - - n -   - trivial-rewrite
bounce     unix - - n -   0 bounce
defer      unix - - n -   0 bounce
trace      unix - - n -   0 bounce
flush      unix n - n 1000? 0 flush
proxymap   unix - - n -   - proxymap
showq      unix n - n -   - showq
error      unix - - n -   - error
retry      unix - - n -   - error
discard    unix - - n -   - discard
virtual    unix - n n -   - virtual
anvil      unix - - n -   1 anvil
scache     unix - - n -   1 scache
postlog    unix-dgram n - n - 1 postlogd
EOF
}

wait_for_greeting() {
  local line
  for _ in $(seq 600); do
    if { exec 3<> "/dev/tcp/127.0.0.1/$PORT"; } 2> /dev/null; then
      IFS= read -r -t 5 line <&3 || line=
      printf 'QUIT\r\n' >&3
      exec 3>&-
      [[ $line == 220* ]] && return 0
    fi
    sleep 0.1
  done
  return 1
}

certificate > "$DIR/openssl.log" 2>&1 || { cat "$DIR/openssl.log" >&2; exit 1; }
mkdir -p "$DIR/etc"
account
configure
postfix -c "$DIR/etc" start < /dev/null > "$DIR/start.log" 2>&1 || { cat "$DIR/start.log" >&2; cat "$DIR/mail.log" >&2 || true; exit 1; }
wait_for_greeting || { echo "postfix does not answer on 127.0.0.1:$PORT" >&2; cat "$DIR/start.log" "$DIR/mail.log" >&2; exit 1; }

cat > "$DIR/env" <<EOF
export NUDGED_SMTP=localhost:$PORT
export NUDGED_SMTP_USER=shop@nudged.test
export NUDGED_SMTP_PASSWORD=$PASSWORD
export NUDGED_SMTP_CA=$DIR/tls/ca.pem
export NUDGED_SMTP_FROM=seller@nudged.test
export NUDGED_SMTP_TO=buyer@nudged.test
export NUDGED_SMTP_MAILDIR=$DIR/mail/buyer
EOF
chmod 600 "$DIR/env"
echo "READY smtp://localhost:$PORT"
