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
--       4 key of a notice's LIST of deliveries, %s for the notice  5 how many make a long list
--       6 for each ending (MessagePack): id, token of the claim, new state,
--         '' or when it may go again (unix seconds), by the clock of whoever tells us,
--         '' or how long that is after the attempt (seconds),
--         '' or, where nobody came back from the attempt, the state in which it was found overdue,
--         its conference and the mark of the person, or '' and '' where there is none,
--         'tells' if this letter tells of the conference, 'removes' if of a removal, or '',
--         then why, updated, from, tries, crashes, doubts; '' is none
--
-- A mail that was accepted is a fact and beats a lease that ran out: 'sent' is written whoever holds
-- the claim by now, unless the delivery is final. No id comes twice in one call.
-- Returns for each 'recorded', 'late' or 'lost', or a fault, which is this ending's alone.

local ID, TOKEN, STATE, AGAIN, WAIT, OVERDUE, CONFERENCE, MARK, EFFECT = 1, 2, 3, 4, 5, 6, 7, 8, 9
-- Its fields, from here on. A late word knows nothing of what came after it: what was counted since
-- then stays.
local FIELDS, UNCOUNTED = 9, 3
local NAMES = { 'why', 'updated', 'from', 'tries', 'crashes', 'doubts' }
-- What a finished delivery of a long list leaves to its notice: `leaning.py` reads it there.
local NOTICED = { 'kind', 'conf', 'made', 'until' }
local FINAL = { sent = true, failed = true, superseded = true, expired = true, skipped = true }
local endings = cmsgpack.unpack(ARGV[6])
local time = redis.call('TIME')

local function row_of(ending)
  return redis.call('HMGET', ARGV[1] .. ending[ID], 'state', 'token', 'first', 'notice', unpack(NAMES))
end

local function judged(ending, row)
  local state, mine, now = row[1], row[2] == ending[TOKEN], ending[STATE]
  if not state or FINAL[state] then return 'lost' end
  if not mine and now ~= 'sent' then return 'lost' end
  if mine and state ~= 'sending' and state ~= 'in_data' and now ~= 'sent' then return 'lost' end
  if ending[OVERDUE] ~= '' then
    -- Between the look and this line its worker may have passed the fence, or renewed its lease.
    local ends = redis.call('ZSCORE', KEYS[1], ending[ID])
    local over = ends and tonumber(ends) <= tonumber(time[1])
    if state ~= ending[OVERDUE] or not over then return 'lost' end
  end
  return mine and 'recorded' or 'late'
end

-- Of each set, whether these marks stand in it from now on; the last word counts.
local sets = {}
local function stands(set, mark, within)
  sets[set] = sets[set] or {}
  sets[set][mark] = within
end

-- Whether a notice has a long list; asked once for all letters of one.
local long = {}
local function leans(notice)
  if not notice then return false end
  if long[notice] == nil then
    -- What is no list says nothing, and the ending is written all the same.
    local length = redis.pcall('LLEN', string.format(ARGV[4], notice))
    long[notice] = type(length) == 'number' and length >= tonumber(ARGV[5])
  end
  return long[notice]
end

local function write(ending, row, mine)
  -- What a worker wrote is over: the next claim makes its own token. A million finished deliveries
  -- lie here, and an empty field costs ten bytes in each.
  local said, empty = { 'state', ending[STATE] }, {}
  if row[2] then empty[1] = 'token' end
  if row[3] then empty[#empty + 1] = 'first' end
  for i = 1, mine and #NAMES or UNCOUNTED do
    local value = ending[FIELDS + i]
    if value ~= '' then
      said[#said + 1], said[#said + 2] = NAMES[i], value
    elseif row[4 + i] then
      empty[#empty + 1] = NAMES[i]
    end
  end
  if FINAL[ending[STATE]] and leans(row[4]) then
    for _, name in ipairs(NOTICED) do empty[#empty + 1] = name end
  end
  local key = ARGV[1] .. ending[ID]
  if #empty > 0 then redis.call('HDEL', key, unpack(empty)) end
  redis.call('HSET', key, unpack(said))
  if ending[AGAIN] ~= '' then
    -- A clock that is a day ahead puts nothing off by a day.
    local latest = tonumber(time[1]) + tonumber(time[2]) / 1000000 + tonumber(ending[WAIT])
    local again = math.min(tonumber(ending[AGAIN]), latest)
    redis.call('ZADD', KEYS[2], string.format('%.3f', again), ending[ID])
  end
  local set = ARGV[2] .. ending[CONFERENCE]
  if ending[EFFECT] == 'tells' and ending[STATE] == 'sent' then
    -- Out already, unless this Redis has lost what its fence wrote.
    stands(set, ending[MARK], false)
  elseif row[3] and ending[STATE] ~= 'unknown' then
    -- The first letter came back: its person knows nothing yet. A doubt counts as told.
    stands(set, ending[MARK], true)
  elseif ending[EFFECT] == 'removes' and row[1] == 'in_data' and ending[STATE] ~= 'sent' then
    -- Back on the list while it was on the wire, and it did not arrive: they never knew otherwise.
    stands(set, ending[MARK], false)
  end
  if FINAL[ending[STATE]] or ending[STATE] == 'unknown' then
    redis.call('XADD', KEYS[6], '*', 'd', ending[ID], 's', ending[STATE])
  end
end

-- A fault of one row spoils no other.
local function fault(answer)
  return type(answer) == 'table' and answer or { err = tostring(answer) }
end

local answers, rows, ids = {}, {}, {}
for place, ending in ipairs(endings) do
  local well, row = pcall(row_of, ending)
  local answer = row
  if well then well, answer = pcall(judged, ending, row) end
  answers[place] = well and answer or fault(answer)
  if answer == 'recorded' or answer == 'late' then
    rows[place] = row
    ids[#ids + 1] = ending[ID]
  end
end
if #ids == 0 then return answers end

-- Removals first: they are allowed in a Redis whose memory is full, and so is what follows them.
for queue = 1, 4 do redis.call('ZREM', KEYS[queue], unpack(ids)) end
local counts = {}
for place, ending in ipairs(endings) do
  if rows[place] then
    local well, answer = pcall(write, ending, rows[place], answers[place] == 'recorded')
    if well then
      counts[ending[STATE]] = (counts[ending[STATE]] or 0) + 1
    else
      answers[place] = fault(answer)
    end
  end
end
for set, marks in pairs(sets) do
  local put, drop = {}, {}
  for mark, within in pairs(marks) do table.insert(within and put or drop, mark) end
  -- What is no set says nothing, and everything else is written.
  if #drop > 0 then redis.pcall('SREM', set, unpack(drop)) end
  if #put > 0 then
    redis.pcall('SADD', set, unpack(put))
    redis.pcall('EXPIRE', set, ARGV[3])
  end
end
for state, count in pairs(counts) do redis.call('HINCRBY', KEYS[5], 'deliveries_' .. state, count) end
return answers
