-- wrk's script: posts the lines of a file in turn, and tells what came of it as one line of JSON.
local requests, number = {}, 0

function init(args)
  local pause = tonumber(args[2])
  if pause then
    function delay() return pause end
  end
  for line in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format("POST", nil, { ["Content-Type"] = "application/json" }, line)
  end
end

function request()
  number = number % #requests + 1
  return requests[number]
end

function done(summary, latency)
  io.write(string.format(
    '\n{"requests_per_s": %f, "p50_ms": %f, "p99_ms": %f, "refused": %d}\n',
    summary.requests / summary.duration * 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  ))
end
