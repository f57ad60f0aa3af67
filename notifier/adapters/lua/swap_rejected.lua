-- Puts a fresh copy of the rejected entries in place of the old stream, if it holds the same ones.
--
-- KEYS  1 rejected  STREAM
--       2 copy      STREAM  what was copied so far
-- ARGV  1 id of the last entry that was copied, or '0-0'
--
-- Returns 1, or 0 if the copy has to be made again: an entry was taken away meanwhile.

local rest = redis.call('XRANGE', KEYS[1], '(' .. ARGV[1], '+')
local copied = redis.call('XLEN', KEYS[2])
if copied + #rest ~= redis.call('XLEN', KEYS[1]) then return 0 end
for _, entry in ipairs(rest) do
  redis.call('XADD', KEYS[2], entry[1], unpack(entry[2]))
end
if copied + #rest == 0 then
  redis.call('DEL', KEYS[1])
else
  redis.call('RENAME', KEYS[2], KEYS[1])
end
return 1
