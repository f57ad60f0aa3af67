-- Gives each mail its turn, over all workers of all machines: one every so many milliseconds.
--
-- KEYS  1 pace  STRING  when the next mail may leave (unix milliseconds)
-- ARGV  1 milliseconds between two mails
--
-- Returns for how many milliseconds this one has to wait. Pauses are not saved up: a quiet night
-- does not make a burst in the morning.

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local turn = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0'))
redis.call('SET', KEYS[1], string.format('%.3f', turn + tonumber(ARGV[1])), 'PX', 60000)
return math.floor(turn - now)
