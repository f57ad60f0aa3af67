-- Tells other services where the server is, if that is something else than what they were told.
--
-- KEYS  1 network  STRING JSON, beginning with {"revision":NUMBER,"settings_revision":NUMBER,
-- ARGV  1 what is to be told, JSON without these two  2 the revision of the settings it is by
--         3 "changed" if it is new to who tells it, else "": then what another machine has told
--         stays
--
-- Returns the revision, or 0 where nothing was written. It rises only where ARGV 1 is told anew:
-- the settings have a new revision with each change, most of them about something else.

-- Whatever else somebody has put there is no news, and gives way.
local told = redis.pcall('GET', KEYS[1])
local known = type(told) == 'string' and told or ''
local pattern = '^{"revision":(%d+),"settings_revision":(%d+),(.*)$'
local revision, settings, rest = string.match(known, pattern)
local news = string.sub(ARGV[1], 2)
local next = tonumber(revision) or 0
if not revision or (ARGV[3] ~= '' and rest ~= news) then
    next, rest = next + 1, news
elseif tonumber(settings) >= tonumber(ARGV[2]) then
    return 0
end
local numbers = string.format('{"revision":%d,"settings_revision":%d,', next, tonumber(ARGV[2]))
redis.call('SET', KEYS[1], numbers .. rest)
return next
