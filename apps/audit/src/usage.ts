/** What the tool says of itself. */
export const USAGE = `Checks the ledger without trusting the service. Reads the stores, and can change neither; only
"dead-letters resend" sends anything, and to the usage topic alone.

  npm run audit -- replay [customer …]             every event in order, with the balance after it
  npm run audit -- verify [customer …]             hash chain, revisions, conservation of every grant, and each
                                                   debit's draws against a second set of books; and the catalog
  npm run audit -- rebuild                         folds everything anew beside the live read store and compares
                                                   the two row for row
  npm run audit -- balance <customer>              the wallets as the events add up
  npm run audit -- explain <usage source> <usage id>   what became of one usage event, and why
  npm run audit -- checkpoint                      the heads of all streams with a digest over them, as JSON on
                                                   standard output; signed when there is a key
  npm run audit -- checkpoint verify <file>        its signature, and that every stream still passes through the
                                                   head it had then
  npm run audit -- dead-letters list               the usage messages that nobody could process, and why
  npm run audit -- dead-letters resend             sends the original messages to the usage topic again: those
                                                   chosen by --origin and --reason, or --all

  --to <time>           replay: only what was recorded by then
  --at <time>           balance: as of this recorded time, not later than now; default now
  --customer <id>       explain: look in this account alone instead of in all
  --format table|ndjson|csv   replay, balance, dead-letters: default table
  --into <file>         rebuild: the SQLite file to fold into, kept afterwards; default a temporary one
  --key <file>          checkpoint: Ed25519 private key (PEM) to sign with; default CHECKPOINT_KEY
  --public-key <file>   checkpoint verify: the key (PEM) it must have been signed with
  --topic <name>        dead-letters: the usage topic whose they are; default USAGE_TOPIC, or usage-events
  --origin <topic/partition/offset>   dead-letters: this one; may be given several times
  --reason <reason>     dead-letters: only those kept for this reason
  --limit <n>           dead-letters list: the oldest n
  --all                 dead-letters resend: every one
  --dry-run             dead-letters resend: says which ones, and sends nothing
  --event-store <url>   default EVENT_STORE_URL, or sqlite:./data/events.db
  --read-store <url>    default READ_STORE_URL, or sqlite:./data/read.db

Times are RFC 3339, or a date (its first moment, UTC). Progress and remarks go to standard error.
Ends with 0 when all is well, 1 when something was found (a finding, a difference, an unknown customer, usage event
or dead letter, a message that is refused, an event that cannot be read), 2 when the arguments or the environment are
wrong (a file that is no store or a damaged one, no room for the output), 3 when a store or KAFKA_BROKERS cannot be
reached.
`;
