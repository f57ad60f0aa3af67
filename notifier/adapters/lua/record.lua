-- Writes how attempts ended, each if the claim is still the one that made it.
--
-- KEYS  1 leases   ZSET  delivery -> end of the claim's lease (unix seconds)
--       2 later    ZSET  delivery -> when it may go (unix seconds)
--       3 ready    ZSET  delivery -> urgency
--       4 hinted   ZSET  delivery -> end of the hint's lease
--       5 counters HASH
--       6 log      STREAM of outcomes
-- Further keys are made of the prefixes in ARGV: one Redis, no cluster.
--
-- ARGV  1 prefix of delivery keys  2 of sets of the untold (SET, marks of people whom nothing has
--         reached yet)  3 how long such a set is kept (seconds)
--       then for each ending: id, token of the claim, new state,
--         '' or when it may go again (unix seconds), by the clock of whoever tells us,
--         '' or how long that is after the attempt (seconds),
--         '' or, where nobody came back from the attempt, the state in which it was found overdue,
--         its conference and the mark of the person, or '' and '' where there is none,
--         'tells' if this letter tells of the conference, 'removes' if of a removal, or '',
--         number of fields, then field, value each
--
-- A mail that was accepted is a fact and beats a lease that ran out: 'sent' is written whoever holds
-- the claim by now, unless the delivery is final. No id comes twice in one call.
-- Returns for each 'recorded', 'late' or 'lost', or a fault, which is this ending's alone.

local FINAL = { sent = true, failed = true, superseded = true, expired = true, skipped = true }
-- A late word knows nothing of what came after it: what was counted since then stays.
local COUNTED = { tries = true, crashes = true, doubts = true }
local time = redis.call('TIME')

local at = 4
local function take()
  at = at + 1
  return ARGV[at - 1]
end

local function read()
  local ending = { id = take(), token = take(), state = take(), again = take(), wait = take() }
  ending.overdue, ending.conference, ending.mark, ending.effect = take(), take(), take(), take()
  ending.count = tonumber(take())
  ending.at = at
  at = at + 2 * ending.count
  ending.row, ending.set = ARGV[1] .. ending.id, ARGV[2] .. ending.conference
  return ending
end

local function judged(ending)
  local row = redis.call('HMGET', ending.row, 'state', 'token', 'first')
  local state, mine = row[1], row[2] == ending.token
  if not state or FINAL[state] then return 'lost' end
  if not mine and ending.state ~= 'sent' then return 'lost' end
  if mine and state ~= 'sending' and state ~= 'in_data' and ending.state ~= 'sent' then return 'lost' end
  if ending.overdue ~= '' then
    -- Between the look and this line its worker may have passed the fence, or renewed its lease.
    local ends = redis.call('ZSCORE', KEYS[1], ending.id)
    local over = ends and tonumber(ends) <= tonumber(time[1])
    if state ~= ending.overdue or not over then return 'lost' end
  end
  ending.before, ending.mine, ending.first = state, mine, row[3]
  return mine and 'recorded' or 'late'
end

local kept = {}
local function write(ending)
  -- A million finished deliveries lie here, and an empty field costs ten bytes in each.
  local said, empty = { 'state', ending.state }, { 'first' }
  for i = ending.at, ending.at + 2 * ending.count - 2, 2 do
    if COUNTED[ARGV[i]] and not ending.mine then
      -- as it is
    elseif ARGV[i + 1] == '' then
      empty[#empty + 1] = ARGV[i]
    else
      said[#said + 1], said[#said + 2] = ARGV[i], ARGV[i + 1]
    end
  end
  redis.call('HDEL', ending.row, unpack(empty))
  redis.call('HSET', ending.row, unpack(said))
  if ending.again ~= '' then
    -- A clock that is a day ahead puts nothing off by a day.
    local latest = tonumber(time[1]) + tonumber(time[2]) / 1000000 + tonumber(ending.wait)
    local again = math.min(tonumber(ending.again), latest)
    redis.call('ZADD', KEYS[2], string.format('%.3f', again), ending.id)
  end
  if ending.effect == 'tells' and ending.state == 'sent' then
    -- Out already, unless this Redis has lost what its fence wrote.
    redis.call('SREM', ending.set, ending.mark)
  elseif ending.first and ending.state ~= 'unknown' then
    -- The first letter came back: its person knows nothing yet. A doubt counts as told.
    redis.call('SADD', ending.set, ending.mark)
    kept[ending.set] = true
  elseif ending.effect == 'removes' and ending.before == 'in_data' and ending.state ~= 'sent' then
    -- Back on the list while it was on the wire, and it did not arrive: they never knew otherwise.
    redis.call('SREM', ending.set, ending.mark)
  end
  if FINAL[ending.state] or ending.state == 'unknown' then
    redis.call('XADD', KEYS[6], '*', 'd', ending.id, 's', ending.state)
  end
end

-- What `act` makes of an ending; a fault of one row spoils no other.
local function of(act, ending)
  local went_well, answer = pcall(act, ending)
  if went_well then return answer end
  return type(answer) == 'table' and answer or { err = tostring(answer) }
end

local answers, ours, ids = {}, {}, {}
while at <= #ARGV do
  local ending = read()
  local answer = of(judged, ending)
  answers[#answers + 1] = answer
  if answer == 'recorded' or answer == 'late' then
    ours[#ours + 1] = { ending, #answers }
    ids[#ids + 1] = ending.id
  end
end
if #ids == 0 then return answers end

-- Removals first: they are allowed in a Redis whose memory is full, and so is what follows them.
for queue = 1, 4 do redis.call('ZREM', KEYS[queue], unpack(ids)) end
local counts = {}
for _, each in ipairs(ours) do
  local ending, place = each[1], each[2]
  local fault = of(write, ending)
  if fault then
    answers[place] = fault
  else
    counts[ending.state] = (counts[ending.state] or 0) + 1
  end
end
for set in pairs(kept) do redis.call('EXPIRE', set, ARGV[3]) end
for state, count in pairs(counts) do redis.call('HINCRBY', KEYS[5], 'deliveries_' .. state, count) end
return answers
