// Package sms hands short messages to a gateway over HTTP: Kannel, Twilio,
// Aliyun, or any gateway that takes a request of the seller's own writing.
//
// None of them has a key by which it would recognise a message that it was given
// twice. So everything turns on one question: may the gateway have taken the
// message? A request counts as handed over once its last byte has been given to
// the system. Until then every failure is temporary: half a request is none, and
// under TLS a record that was cut off cannot even be read. From then on only an
// answer that this package understands says what became of the message. A lost
// connection, silence, an answer of 500, or a page that the gateway never writes
// leaves the outcome unknown, and nobody may send that message again.
//
// That is why there is no pool of connections and no standard HTTP client here.
// A kept connection may be dead without anybody knowing, and the standard client
// then repeats a GET by itself. Each message gets a fresh connection, one
// write, and one answer of bounded size. Redirects are not followed. Without
// TLS nothing leaves for other machines.
//
// Errors tell what the gateway said in words of our own where its code is known,
// else in its own words, with everything removed that looks like the recipient,
// the text or a secret.
//
// Twilio and Aliyun can be asked what became of messages ([Reporter]), and Twilio
// for what people answered ([Receiver]). Kannel calls back by itself.
package sms
