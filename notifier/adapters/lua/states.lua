-- Gives how deliveries stand.
--
-- Keys are made of the prefix in ARGV: one Redis, no cluster. Deliveries are HASHes.
--
-- ARGV  1 prefix of delivery keys  2 list of ids (MessagePack)
--
-- Returns for each its state, or nothing where there is none.

local states = {}
for i, id in ipairs(cmsgpack.unpack(ARGV[2])) do
  states[i] = redis.call('HGET', ARGV[1] .. id, 'state')
end
return states
