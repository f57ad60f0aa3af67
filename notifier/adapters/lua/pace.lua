-- Gives mails their turns, over all workers of all machines: a token bucket.
--
-- KEYS  1 pace  STRING  when the bucket will be full again (unix milliseconds)
-- ARGV  1 milliseconds in which a token drips into the bucket  2 how many it holds  3 how many mails
--
-- Returns how far ahead of now the turn of the last is (milliseconds; below nothing where it need not
-- wait), and each before it by one drip less. A quiet night saves up one bucket, so
-- that it does not make a burst in the morning. So many turns as would be ahead of now by
-- MOST_TURNS are never taken: the clock has gone back since, and the bucket is as good as full.

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + tonumber(time[2]) / 1000
local drip, depth = tonumber(ARGV[1]), tonumber(ARGV[2])
local MOST_TURNS = 2000
local before = tonumber(redis.call('GET', KEYS[1]) or '0')
if before > now + MOST_TURNS * drip then before = now end
local full = math.max(now, before) + drip * tonumber(ARGV[3])
local lasts = math.ceil(full - now) + 1000
-- Removed first, which is allowed in a Redis whose memory is full, and so is what follows.
redis.call('DEL', KEYS[1])
redis.call('SET', KEYS[1], string.format('%.3f', full), 'PX', lasts)
return math.ceil(full - now - depth * drip)
