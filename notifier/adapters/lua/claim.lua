-- Claims deliveries for one worker: whoever comes second gets nothing. Gives with them what is true.
--
-- KEYS  1 hinted  ZSET  delivery -> end of the hint's lease
--       2 leases  ZSET  delivery -> end of the claim's lease (unix seconds)
--       3 ready   ZSET  delivery -> urgency
--       4 pass    STRING the process of Redis that somebody has looked at
--       5 roads   HASH  road -> breaker (JSON); a road that works has no field
--       6 suppressions ZSET digest of an address -> until when it gets no mail
-- Further keys are made of the prefixes in ARGV: one Redis, no cluster.
--
-- ARGV  1 token  2 lease (seconds)  3 prefix of delivery keys  4 of notices (STRING)
--       5 of conferences (HASH)  6 of their lists (HASH)  7 of sets of the untold (SET)
--       8 up to how many of the untold of a conference are given
--       9 how many besides: of the most urgent ready ones, then of those that are hinted at
--       10 how many of those workers may hold and be hinted at together, where the rate is limited,
--         or ''  11 how many roads there are
--      12.. ids
--
-- Of those besides, what a worker died with is left to a hint, under which it goes alone; where one
-- of the ids is such a one, nothing is claimed besides.
-- Returns the roads; how many addresses are suppressed; for each claimed delivery its id, its fields
-- and the place of its person among those of its conference, from 0 on; the ids of their notices;
-- their texts; and for each of their conferences its id, known, version, etag, the rows of these
-- people, and its untold, or '' where there are too many to give; or a fault in the place of all that
-- follows the id.

if redis.call('GET', KEYS[4]) ~= string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') then
  return false
end
local ends = tonumber(redis.call('TIME')[1]) + tonumber(ARGV[2])
local claimed, leases, suspect = {}, {}, false
local notices, known_notice = {}, {}
local conferences, people = {}, {}

local function claims(id, due, alone)
  local key = ARGV[3] .. id
  local flat = redis.call('HGETALL', key)
  local row = {}
  for i = 1, #flat, 2 do row[flat[i]] = flat[i + 1] end
  local crashed = (row.crashes or '') ~= ''
  if crashed and not alone then return 'suspect' end
  suspect = suspect or crashed
  -- The client may send a command twice: the same token is the same worker asking again.
  local again = row.state == 'sending' and row.token == ARGV[1]
  if not again and not (due and (row.state == 'pending' or row.state == 'unknown')) then return end
  redis.call('HSET', key, 'state', 'sending', 'token', ARGV[1])
  -- Whoever reads a field twice takes the last word.
  local last = #flat
  flat[last + 1], flat[last + 2], flat[last + 3], flat[last + 4] = 'state', 'sending', 'token', ARGV[1]
  leases[#leases + 1], leases[#leases + 2] = ends, id
  if row.notice and not known_notice[row.notice] then
    known_notice[row.notice] = true
    notices[#notices + 1] = row.notice
  end
  local place = 0
  if row.conf then
    if not people[row.conf] then
      people[row.conf] = {}
      conferences[#conferences + 1] = row.conf
    end
    place = #people[row.conf]
    people[row.conf][place + 1] = row.key or ''
  end
  claimed[#claimed + 1] = { id, flat, place }
end

if #ARGV > 11 then
  local ids = { unpack(ARGV, 12) }
  local hinted, ready = redis.call('ZMSCORE', KEYS[1], unpack(ids)), redis.call('ZMSCORE', KEYS[3], unpack(ids))
  redis.call('ZREM', KEYS[1], unpack(ids))
  redis.call('ZREM', KEYS[3], unpack(ids))
  for i, id in ipairs(ids) do
    -- Only what is due stands in one of these two: a doubled hint may not hurry what was put off.
    -- A fault of one row spoils no other: there is nothing in it to deliver.
    pcall(claims, id, hinted[i] or ready[i], true)
  end
end

local before = #claimed

local roads = redis.call('HGETALL', KEYS[5])
-- While no road works, as many as those that are tried have room for: often none. What was claimed
-- above has not asked them yet.
local function allowance(most)
  if #roads == 0 then return most end
  local allowed = 0
  for road = 0, tonumber(ARGV[11]) - 1 do
    local breaker = redis.call('HGET', KEYS[5], road)
    if not breaker then return most end
    breaker = cjson.decode(breaker)
    allowed = allowed + breaker.room
    if breaker.policy then break end
  end
  return math.min(most, allowed - redis.call('ZCARD', KEYS[1]) - #claimed)
end

local more = suspect and 0 or tonumber(ARGV[9])
if more > 0 then more = allowance(more) end
if more > 0 and ARGV[10] ~= '' then
  local held = redis.call('ZCARD', KEYS[1]) + redis.call('ZCARD', KEYS[2]) + #leases / 2
  more = math.min(more, tonumber(ARGV[10]) - held)
end
-- What is hinted at waits for a task that waits for a worker: whoever is awake comes first, and the
-- hint will find nothing.
for _, queue in ipairs({ KEYS[3], KEYS[1] }) do
  local room = before + more - #claimed
  if room <= 0 then break end
  local popped = redis.call('ZPOPMIN', queue, room)
  for i = 1, #popped, 2 do
    local _, answer = pcall(claims, popped[i], true, false)
    if answer == 'suspect' then redis.call('ZADD', queue, popped[i + 1], popped[i]) end
  end
end
if #claimed == 0 then return { roads, 0, {}, {}, {}, {} } end
redis.call('ZADD', KEYS[2], unpack(leases))

local texts = {}
if #notices > 0 then
  local named = {}
  for i, notice in ipairs(notices) do named[i] = ARGV[4] .. notice end
  texts = redis.call('MGET', unpack(named))
end

local function truth(conference)
  local known = redis.call('HMGET', ARGV[5] .. conference, 'known', 'version', 'etag')
  local rows = redis.call('HMGET', ARGV[6] .. conference, unpack(people[conference]))
  local set, untold = ARGV[7] .. conference, {}
  local count = redis.call('SCARD', set)
  if count > tonumber(ARGV[8]) then
    untold = ''
  elseif count > 0 then
    untold = redis.call('SMEMBERS', set)
  end
  return { conference, known[1], known[2], known[3], rows, untold }
end

local truths = {}
for i, conference in ipairs(conferences) do
  local well, found = pcall(truth, conference)
  truths[i] = well and found or { conference, type(found) == 'table' and found or { err = tostring(found) } }
end
return { roads, redis.call('ZCARD', KEYS[6]), claimed, notices, texts, truths }
