-- Tells other services where the server is, if that is something else than what they were told.
--
-- KEYS  1 network  STRING JSON, beginning with {"revision":NUMBER,
-- ARGV  1 what is to be told, JSON without the revision  2 "changed" if it is new to who tells it,
--         else "": then what another machine has told stays
--
-- Returns the new revision, or 0 where nothing was written.

-- Whatever else somebody has put there is no news, and gives way.
local told = redis.pcall('GET', KEYS[1])
local known = type(told) == 'string' and told or ''
local revision, rest = string.match(known, '^{"revision":(%d+),(.*)$')
if revision and (ARGV[2] == '' or '{' .. rest == ARGV[1]) then return 0 end
local next = (tonumber(revision) or 0) + 1
redis.call('SET', KEYS[1], string.format('{"revision":%d,', next) .. string.sub(ARGV[1], 2))
return next
