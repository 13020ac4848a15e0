-- Takes a key for a time, if nobody has it. The server does this in one step, by its own clock.
-- KEYS[1]: the key. ARGV[1]: for how many milliseconds.
if redis.call('EXISTS', KEYS[1]) == 1 then
  return 0
end
-- A claim for no time is given and forgotten at once.
if tonumber(ARGV[1]) > 0 then
  redis.call('SET', KEYS[1], '', 'PX', ARGV[1])
end
return 1
