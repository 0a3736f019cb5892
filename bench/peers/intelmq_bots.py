"""IntelMQ's own bots on a CSV file, as a library and without a queue: CSV parser, then taxonomy expert. The bots that would follow
in a real set-up (deduplication, networks, contacts) want Redis and databases, so this flatters it. Arguments: file, columns
(comma-separated names of the harmonisation). Prints one line of JSON."""
import base64
import json
import logging
import sys
import time

from intelmq.bots.experts.taxonomy.expert import TaxonomyExpertBot
from intelmq.bots.parsers.generic.parser_csv import GenericCsvParserBot
from intelmq.lib.bot import BotLibSettings

logging.disable(logging.CRITICAL)
path, columns = sys.argv[1], sys.argv[2].split(',')
parser = GenericCsvParserBot('csv-parser', settings={
    **BotLibSettings, 'columns': columns, 'skip_header': True, 'delimiter': ',', 'default_fields': {'classification.type': 'infected-system'},
})
taxonomy = TaxonomyExpertBot('taxonomy-expert', settings=dict(BotLibSettings))
with open(path, 'rb') as file:
    raw = file.read()
began = time.perf_counter()
parsed = parser.process_message({'__type': 'Report', 'raw': base64.b64encode(raw).decode()})
events = 0
size = 0
addresses = set()
for event in parsed['output']:
    for done in taxonomy.process_message(event)['output']:
        text = json.dumps(done.to_dict(hierarchical=False), default=str)
        size += len(text)
        events += 1
        addresses.add(done.get('source.ip'))
print(json.dumps({'events': events, 'addresses': len(addresses), 'bytes': size, 'seconds': time.perf_counter() - began}))
