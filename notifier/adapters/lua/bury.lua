-- Buries a stream entry that is not an event, and acknowledges it; a second time changes nothing.
--
-- KEYS  1 events   STREAM  the inbox
--       2 rejected STREAM  event (bytes as they came), reason, path, entry
--       3 counters HASH
-- ARGV  1 group  2 entry id  3 bytes  4 reason  5 path of the wrong field
--
-- Returns 1, or 0 where somebody else has dealt with the entry.

if #redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[2], ARGV[2], 1) == 0 then return 0 end
redis.call('XADD', KEYS[2], '*', 'event', ARGV[3], 'reason', ARGV[4], 'path', ARGV[5],
           'entry', ARGV[2])
redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
redis.call('HINCRBY', KEYS[3], 'events_rejected', 1)
return 1
