-- Writes what is remembered of a conference in other words, if nobody wrote it meanwhile.
--
-- KEYS  1 conference HASH  known, etag, version
-- ARGV  1 the etag that was seen  2 known (JSON)  3 the etag that this write leaves
--
-- Returns 1, or 0 if the conference moved on. Its version stays: nothing that is told has changed.

if (redis.call('HGET', KEYS[1], 'etag') or '0') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'known', ARGV[2], 'etag', ARGV[3])
return 1
