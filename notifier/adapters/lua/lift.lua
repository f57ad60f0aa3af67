-- Ends a quarantine: what is here is the ledger from now on, under a new name.
--
-- KEYS  1 pass       STRING the process that was looked at
--       2 quarantine HASH   since, reason, point
--       3 ledger     HASH   id, before
-- ARGV  1 process (run_id)  2 new id  3 the ids that go on in it, between spaces

redis.call('DEL', KEYS[2])
redis.call('HSET', KEYS[3], 'id', ARGV[2], 'before', ARGV[3])
redis.call('SET', KEYS[1], ARGV[1])
return 1
