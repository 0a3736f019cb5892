"""IntelMQ's bots as processes over their real queue, Redis: CSV parser, deduplicator, taxonomy, ASN lookup, file output, each a process of its own
as its documentation sets them up. Timed from the moment the report is put into the first queue until no queue holds anything; then the output file
is counted. Arguments: file, columns (comma-separated names of the harmonisation), redis-server, folder. Prints one line of JSON."""
import base64
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

path, columns, server, folder = sys.argv[1], sys.argv[2].split(','), sys.argv[3], pathlib.Path(sys.argv[4])
etc, state, logs = folder / 'etc', folder / 'var' / 'lib' / 'bots', folder / 'var' / 'log'
for place in (etc, state, logs, folder / 'var' / 'run'):
    place.mkdir(parents=True, exist_ok=True)
os.environ['INTELMQ_PATHS_OPT'] = '1'
os.environ['INTELMQ_ROOT_DIR'] = str(folder)
import intelmq  # noqa: E402: reads its folders from the environment
import redis  # noqa: E402

shutil.copy(pathlib.Path(intelmq.__file__).parent / 'etc' / 'harmonization.conf', etc / 'harmonization.conf')
socket, output = str(folder / 'redis.sock'), folder / 'events.txt'
(folder / 'ipasn.dat').write_text('; IP-ASN32-DAT file\n100.64.0.0/10\t64601\n198.51.100.0/24\t64602\n')
pipe = {
    'source_pipeline_broker': 'redis', 'destination_pipeline_broker': 'redis', 'source_pipeline_host': socket, 'destination_pipeline_host': socket,
}
common = {**pipe, 'logging_path': str(logs), 'logging_level': 'ERROR', 'http_verify_cert': True}
modules = {
    'csv-parser': ('intelmq.bots.parsers.generic.parser_csv', {
        'columns': columns, 'skip_header': True, 'delimiter': ',', 'default_fields': {'classification.type': 'infected-system'},
    }),
    'deduplicator-expert': ('intelmq.bots.experts.deduplicator.expert', {
        'filter_type': 'blacklist', 'filter_keys': 'raw,time.observation', 'redis_cache_host': socket, 'redis_cache_db': 6, 'redis_cache_ttl': 86400,
    }),
    'taxonomy-expert': ('intelmq.bots.experts.taxonomy.expert', {}),
    'asn-lookup-expert': ('intelmq.bots.experts.asn_lookup.expert', {'database': str(folder / 'ipasn.dat')}),
    'file-output': ('intelmq.bots.outputs.file.output', {'file': str(output), 'hierarchical_output': False}),
}
names = list(modules)
runtime = {'global': common}
for at, (name, (module, parameters)) in enumerate(modules.items()):
    following = {'destination_queues': {'_default': [f'{names[at + 1]}-queue']}} if at + 1 < len(names) else {}
    runtime[name] = {
        'bot_id': name, 'group': 'Parser' if at == 0 else 'Output' if at + 1 == len(names) else 'Expert', 'module': module, 'enabled': True,
        'run_mode': 'continuous', 'parameters': {**parameters, **following},
    }
(etc / 'runtime.yaml').write_text(json.dumps(runtime))
# The bots run as nobody: they refuse to run as root.
who = {'user': 'nobody', 'group': 'nogroup', 'extra_groups': []} if os.geteuid() == 0 else {}
if who:
    subprocess.run(['chown', '-R', 'nobody:nogroup', str(folder)], check=True)
store = subprocess.Popen(
    [server, '--port', '0', '--unixsocket', socket, '--unixsocketperm', '777', '--save', '', '--dir', str(folder)], stdout=subprocess.DEVNULL, **who)
bots = []
try:
    link = redis.Redis(unix_socket_path=socket, db=2)
    for _ in range(100):
        try:
            link.ping()
            break
        except redis.exceptions.ConnectionError:
            time.sleep(0.1)
    for name, (module, _) in modules.items():
        bots.append(subprocess.Popen([str(pathlib.Path(sys.executable).parent / module), name], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **who))
    # Started, connected and waiting, before the clock runs.
    time.sleep(8)
    for bot, name in zip(bots, names):
        if bot.poll() is not None:
            raise SystemExit(f'{name} ended: {bot.stderr.read().decode()[-800:]}')
    raw = pathlib.Path(path).read_bytes()
    wanted = raw.count(b'\n') - 1
    report = {'__type': 'Report', 'raw': base64.b64encode(raw).decode(), 'feed.name': 'sample', 'time.observation': '2026-01-01T00:00:00+00:00'}
    began = time.perf_counter()
    link.lpush('csv-parser-queue', json.dumps(report))
    queues = [f'{name}-queue{end}' for name in names for end in ('', '-internal')]
    # The file is written in blocks: done is when no queue holds anything, twice in a row.
    quiet = 0
    while quiet < 2 and time.perf_counter() - began < 100:
        time.sleep(0.05)
        quiet = quiet + 1 if sum(link.llen(queue) for queue in queues) == 0 else 0
    seconds = time.perf_counter() - began
    held = {queue: link.llen(queue) for queue in queues}
    version = link.info('server')['redis_version']
    for bot in bots:
        bot.terminate()
    for bot in bots:
        bot.wait(20)
    lines = output.read_text().splitlines() if output.exists() else []
    events = [json.loads(line) for line in lines]
    print(json.dumps({
        'events': len(events), 'seconds': seconds, 'redis': version, 'held': sum(held.values()), 'wanted': wanted,
        'taxonomy': sum('classification.taxonomy' in event for event in events), 'asn': sum('source.asn' in event for event in events),
    }))
finally:
    for bot in bots:
        bot.terminate()
    for bot in bots:
        bot.wait(20)
    store.terminate()
    store.wait(20)
