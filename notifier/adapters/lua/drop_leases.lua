-- Drops leases that hold nothing: those of deliveries that no worker has claimed.
--
-- KEYS  1 leases  ZSET  delivery -> end of the claim's lease
-- ARGV  1 prefix of delivery keys  2.. ids
--
-- Looks once more: since they were seen, a worker may have claimed one of them.

for i = 2, #ARGV do
  local state = redis.call('HGET', ARGV[1] .. ARGV[i], 'state')
  if state ~= 'sending' and state ~= 'in_data' then redis.call('ZREM', KEYS[1], ARGV[i]) end
end
return 0
