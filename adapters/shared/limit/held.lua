-- `owner/held.rs`: what is out on leases.

local function lend(leases, lent, ttl, now)
  local part = max(floor(ttl / LEASE_PARTS), 1)
  -- May be beyond, and is then cut.
  local lease_end = min(ceil((now + ttl) / part) * part, LARGEST)
  local full = #leases >= MOST_LEASES
  local at
  for index, lease in ipairs(leases) do
    at = at or lease[1] == lease_end and index or nil
  end
  if full and not at then
    -- Too many ends: the new lease counts as long as the last one.
    at = #leases
    lease_end = max(leases[at][1], lease_end)
  end
  local copy = { unpack(leases) }
  if at then
    copy[at] = { lease_end, leases[at][2] + lent }
  else
    copy[#copy + 1] = { lease_end, lent }
    table.sort(copy, earlier)
  end
  return copy, lease_end
end

-- What was out on leases that have ended counts as used at their end. Whether there were any.
local function end_leases(state, rule, now)
  local ended = false
  while state.leases[1] and state.leases[1][1] <= now do
    local lease = state.leases[1]
    local rest = { unpack(state.leases, 2) }
    local at = max(lease[1], rule.algorithm.latest(state.count))
    state = take({ count = state.count, leases = rest }, rule, lease[2], at)
    ended = true
  end
  return state, ended
end

-- What was used of a lease counts as used now, and what was not is free. Whether it was out.
local function settle_lease(state, rule, ask, now)
  if ask.granted == 0 then
    return state, false
  end
  local found = false
  local leases = {}
  for _, lease in ipairs(state.leases) do
    local left = lease[2]
    if not found and lease[1] == ask.until_ms and left >= ask.granted then
      found = true
      left = left - ask.granted
    end
    if left > 0 then
      leases[#leases + 1] = { lease[1], left }
    end
  end
  if not found then
    return state, false
  end
  return take({ count = state.count, leases = leases }, rule, min(ask.used, ask.granted), now), true
end
