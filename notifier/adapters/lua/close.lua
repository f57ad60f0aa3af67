-- Puts the ledger into quarantine: nothing leaves until a person has looked.
--
-- KEYS  1 pass       STRING the process that was looked at
--       2 quarantine HASH   since, reason, point
-- ARGV  1 reason  2 point: up to where the log is believed
--
-- Returns 1, or 0 if it is in quarantine already.

if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[2], 'since', redis.call('TIME')[1], 'reason', ARGV[1], 'point', ARGV[2])
return 1
