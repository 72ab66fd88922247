"""Names and addresses for the order book, which has none: made up, one per customer number.

They have the letters, the order of words and the postcodes of their country. The mail domains
are reserved for examples (RFC 2606). Nobody lives there.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from data.files.derived import number
from wms_terminal.domain.label import Address

_LETTERS = "AEHNPRTWX"
"""Capitals that the postcodes of the United Kingdom, Ireland, Canada and the Netherlands allow."""
_SLUG = re.compile(r"[^a-z]+")
_DOMAINS = ("example.com", "example.org", "example.net", "mail.example")
_PLAIN = str.maketrans(
    {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "ß": "ss", "æ": "ae", "Æ": "Ae", "Þ": "Th", "ð": "d"}
)


@dataclass(frozen=True, slots=True)
class Country:
    """How people and places are called in one country."""

    code: str
    """ISO 3166-1 alpha-2."""
    first: str
    """First names, separated by spaces."""
    last: str
    """Last names, separated by `|`."""
    streets: str
    """Streets, separated by `|`; `#` stands for the house number."""
    towns: str
    """`town=postcode`, separated by `|`; `#` is a digit, `+` one that is not 0, `@` a letter."""
    language: str = "en"
    region: str = ""
    last_first: bool = False


_UK_FIRST = (
    "Olivia Emma Charlotte Amelia Sophie Grace Lucy Hannah Chloë Zoë Siân Niamh Alice Ruth "
    "James Oliver Harry George Thomas William Daniel Samuel Rhys Owen Callum Ewan Adam Imran "
    "Priya Aisha"
)
_UK_LAST = (
    "Smith|Jones|Taylor|Brown|Williams|Wilson|Johnson|Davies|Patel|Wright|Walker|Robinson|"
    "Thompson|White|Hughes|Edwards|Green|Hall|Wood|Harris|Clarke|Khan|O'Neill|MacDonald|"
    "Smith-Jones|Baker|Turner|Cooper|Ward|Fitzgerald"
)
_UK_STREETS = (
    "# High Street|# Station Road|# Church Lane|# Victoria Road|# Mill Lane|# Park Avenue|"
    "# The Green|# London Road|# King Street|# Queens Road|Flat #, Albert Mansions|# School Lane"
)
_UK_TOWNS = (
    "London=SW1# #@@|London=N# #@@|Manchester=M# #@@|Birmingham=B# #@@|Leeds=LS# #@@|"
    "Bristol=BS# #@@|Sheffield=S1# #@@|Edinburgh=EH# #@@|Glasgow=G# #@@|Cardiff=CF# #@@|"
    "Norwich=NR# #@@|Brighton=BN# #@@|Oxford=OX# #@@|York=YO# #@@|Belfast=BT# #@@|"
    "Plymouth=PL# #@@"
)
_UK = Country("GB", _UK_FIRST, _UK_LAST, _UK_STREETS, _UK_TOWNS)
_DUTCH_FIRST = "Anna Sanne Daan Sem Lotte Fleur Jeroen Bram Noë Loïs"

COUNTRIES: dict[str, Country] = {
    "United Kingdom": _UK,
    "Unspecified": _UK,
    "Germany": Country(
        "DE",
        "Anna Lena Jürgen Björn Käthe Lukas Jonas Sabine Uwe Heike",
        "Müller|Schmidt|Schröder|Weiß|Fischer|Köhler|Groß|Wagner|Bäcker|von Stein",
        "Hauptstraße #|Bahnhofstraße #|Gartenweg #|Schloßallee #|Lindenstraße #|Am Mühlbach #",
        "Berlin=10+##|Hamburg=20+##|München=80+##|Köln=50+##|Leipzig=04+##|Düsseldorf=40+##",
    ),
    "France": Country(
        "FR",
        "Chloé Zoé Léa Inès Hélène Jérôme François Benoît Théo Gaël",
        "Lefèvre|Dubois|Moreau|Girard|Bérenger|Guérin|Noël|Fournier|Béranger|d'Arcy",
        "# rue de la République|# avenue Victor-Hugo|# place de l'Église|# rue des Écoles|"
        "# bis rue du Château",
        "Paris=750##|Lyon=6900+|Marseille=1300+|Bordeaux=33#00|Orléans=45#00|Nîmes=30#00",
    ),
    "EIRE": Country(
        "IE",
        "Aoife Saoirse Ciarán Seán Niamh Róisín Oisín Máire",
        "Ó Briain|Murphy|Kelly|O'Sullivan|Walsh|Ní Dhuibhne|Byrne|Ryan",
        "# Main Street|# O'Connell Street|# Chapel Road|# Bridge Street",
        "Dublin=D0+ @+@#|Cork=T12 @+@#|Galway=H91 @+@#|Limerick=V94 @+@#",
    ),
    "Spain": Country(
        "ES",
        "María José Lucía Íñigo Sofía Álvaro Begoña Núria",
        "García López|Muñoz|Núñez Peña|Fernández|Ibáñez|Martí",
        "Calle Mayor #|Avenida de la Constitución #|Plaza de España #|Calle del Niño #",
        "Madrid=280##|Barcelona=080##|Sevilla=410##|Málaga=290##|A Coruña=150##",
    ),
    "Netherlands": Country(
        "NL",
        _DUTCH_FIRST,
        "de Vries|van den Berg|Jansen|Bakker|Visser|de Boer|Mulder|IJzerman|van 't Hoff",
        "Dorpsstraat #|Kerkstraat #|Stationsweg #|Prinsengracht #|Molenlaan #",
        "Amsterdam=10+# @@|Rotterdam=30+# @@|Utrecht=35+# @@|Groningen=97+# @@|"
        "'s-Hertogenbosch=52+# @@|Maastricht=62+# @@",
        "nl",
    ),
    "Belgium": Country(
        "BE",
        "Lotte Jef Sofie Pieter Loïc Amélie Wout Hanne",
        "Peeters|Janssens|Maes|Vandenbroucke|D'Hondt|Lambert",
        "Grote Markt #|Kerkstraat #|Stationsstraat #|Rue de l'Église #",
        "Antwerpen=20+0|Gent=90+0|Brugge=8000|Leuven=30+0|Liège=40+0",
        "nl",
    ),
    "Switzerland": Country(
        "CH",
        "Urs Reto Zoé Noé Ursina Beat Andrea Céline",
        "Müller|Keller|Zürcher|Bianchi|Rochat|Frei",
        "Bahnhofstrasse #|Rue du Rhône #|Via Nassa #|Seestrasse #",
        "Zürich=80+#|Genève=120+|Basel=40+#|Lugano=6900|Bern=30+#",
    ),
    "Australia": Country(
        "AU",
        "Isla Jack Mia Noah Ruby Cooper",
        "Nguyen|Wilson|Campbell|Martin|O'Brien|Singh",
        "# George Street|Unit #, Beach Road|# Wattle Avenue",
        "Sydney=20+#|Newcastle=230+|Wollongong=250#",
        region="NSW",
    ),
    "Portugal": Country(
        "PT",
        "João Inês Gonçalo Conceição Luís Tomás",
        "Simões|Conceição|Guimarães|Araújo|da Silva",
        "Rua da Conceição #|Avenida da Liberdade #|Travessa de São João #",
        "Lisboa=1+00-###|Porto=4+00-###|Évora=7000-###",
    ),
    "Channel Islands": Country(
        "JE",
        "Alice George Chloë Peter",
        "Le Brocq|de Gruchy|Renouf|Le Sueur",
        "# King Street|# La Grande Route de St Jean|# Beresford Street",
        "St Helier=JE2 #@@|St Saviour=JE2 #@@|St Brelade=JE3 #@@",
    ),
    "Norway": Country(
        "NO",
        "Bjørn Åse Øyvind Sølvi Håkon Ragnhild",
        "Sørensen|Ødegård|Bjørnstad|Hansen|Næss|Aasen",
        "Storgata #|Kirkeveien #|Øvre Slottsgate #|Fjordgløttveien #",
        "Oslo=01##|Bergen=50+#|Tromsø=90+#|Ålesund=60+#",
    ),
    "Finland": Country(
        "FI",
        "Päivi Jukka Äijö Sanna Väinö Outi",
        "Mäkinen|Hämäläinen|Järvinen|Öhman|Virtanen",
        "Mannerheimintie #|Hämeenkatu #|Järvitie #",
        "Helsinki=00+#0|Tampere=33+00|Jyväskylä=40+00",
    ),
    "Italy": Country(
        "IT",
        "Niccolò Chiara Matteo Zoè Giosuè Bianca",
        "Rossi|Dell'Acqua|Esposito|Conti|D'Angelo",
        "Via Roma #|Piazza Unità d'Italia #|Corso Libertà #",
        "Roma=001##|Milano=201##|Forlì=4712+|Torino=101##",
    ),
    "Cyprus": Country(
        "CY",
        "Ελένη Ανδρέας Μαρία Χρίστος",
        "Παπαδόπουλος|Χαραλάμπους|Γεωργίου|Ιωάννου",
        "Λεωφόρος Μακαρίου #|Οδός Λήδρας #",
        "Λευκωσία=10+#|Λεμεσός=30+#|Λάρνακα=60+#",
    ),
    "Japan": Country(
        "JP",
        "花子 太郎 健一 さくら 翔太 由美子",
        "佐藤|鈴木|髙橋|渡邉|小林|山田",
        "丸の内1丁目2-#|梅田3丁目1-#|錦町4-#",
        "東京都千代田区=100-00##|大阪市北区=530-00##|名古屋市中区=460-00##",
        last_first=True,
    ),
    "Sweden": Country(
        "SE",
        "Åsa Björn Märta Göran Sören Ebba",
        "Sjöberg|Åkesson|Öberg|Lindström|Andersson",
        "Storgatan #|Södra vägen #|Kungsgatan #",
        "Stockholm=11+ ##|Göteborg=41+ ##|Malmö=21+ ##|Örebro=70+ ##",
    ),
    "Austria": Country(
        "AT",
        "Jörg Käthe Moritz Elfriede Günther Vroni",
        "Gruber|Höfer|Mößner|Pichler|Österreicher",
        "Hauptplatz #|Mariahilfer Straße #|Salzgäßchen #",
        "Wien=1+#0|Graz=80+0|Salzburg=50+0",
    ),
    "Hong Kong": Country(
        "HK",
        "家明 美玲 志強 詠詩",
        "陳|李|黃|張|歐陽",
        "Flat #, 12 Nathan Road|# Queen's Road Central|Shop #, 8 Des Voeux Road",
        "Kowloon|Central|Wan Chai",
        last_first=True,
    ),
    "Poland": Country(
        "PL",
        "Łukasz Małgorzata Grażyna Paweł Zofia Wojciech",
        "Wójcik|Żółkiewski|Dąbrowska-Łęcka|Kowalczyk|Ślusarz",
        "ul. Długa #|ul. Świętokrzyska #|al. Jana Pawła II #",
        "Warszawa=0+-###|Łódź=9+-###|Kraków=3+-###|Gdańsk=8+-###",
    ),
    "Israel": Country(
        "IL",
        "נועה דוד יעל משה",
        "כהן|לוי|מזרחי|בן־דוד",
        "רחוב הרצל #|שדרות רוטשילד #",
        "תל אביב=6+#####|ירושלים=9+#####|חיפה=3+#####",
    ),
    "Denmark": Country(
        "DK",
        "Søren Mette Jørgen Åse Bjørn Kirsten",
        "Sørensen|Møller|Nørgaard|Kjær|Jensen",
        "Nørregade #|Strøget #|Æblevej #",
        "København=1+##|Aarhus=8000|Odense=5000|Rønne=3700",
    ),
    "Singapore": Country(
        "SG",
        "Wei Mei Arjun Nurul",
        "Tan|Lim|Goh|Rahman",
        "Blk # Orchard Road|# Serangoon Garden Way",
        "Singapore=0+####|Singapore=55####",
    ),
    "Canada": Country(
        "CA",
        "Émilie Liam Noémie Ethan Zoé Owen",
        "Tremblay|Côté|Bélanger|MacLeod|Gagné",
        "# Yonge Street|# King Street West|# Maple Avenue",
        "Toronto=M5@ #@#|Ottawa=K1@ #@#|Hamilton=L8@ #@#",
        region="ON",
    ),
    "Iceland": Country(
        "IS",
        "Þórður Guðrún Ægir Sigríður",
        "Jónsdóttir|Þorsteinsson|Guðmundsdóttir|Björnsson",
        "Laugavegur #|Þingholtsstræti #",
        "Reykjavík=10+|Akureyri=600|Ísafjörður=400",
    ),
    "Greece": Country(
        "GR",
        "Γιώργος Ελένη Δημήτρης Κατερίνα",
        "Παπαδόπουλος|Νικολάου|Οικονόμου|Αθανασίου",
        "Οδός Ερμού #|Λεωφόρος Συγγρού #",
        "Αθήνα=10+ ##|Θεσσαλονίκη=54+ ##|Πάτρα=26+ ##",
    ),
    "Malta": Country(
        "MT",
        "Ġorġ Marija Karmnu Żaren",
        "Borg|Camilleri|Għaxaq|Żammit",
        "# Triq ir-Repubblika|# Triq il-Kbira",
        "Valletta=VLT 1+##|Ħamrun=ĦMR 1+##",
    ),
    "European Community": Country(
        "BE",
        "Lotte Jef Sofie Pieter",
        "Peeters|Janssens|Maes",
        "Wetstraat #|Kunstlaan #",
        "Brussel=10+0",
        "nl",
    ),
    "Lebanon": Country(
        "LB",
        "محمد ليلى كريم نادين",
        "خوري|حداد|منصور",
        "شارع الحمرا #|شارع بدارو #",
        "بيروت=1+## 2+##",
    ),
    "Lithuania": Country(
        "LT",
        "Žydrūnas Eglė Šarūnas Rūta",
        "Kazlauskienė|Petrauskas|Žukauskas",
        "Gedimino pr. #|Šv. Mykolo g. #",
        "Vilnius=LT-0+###|Kaunas=LT-4+###|Šiauliai=LT-7+###",
    ),
    "Brazil": Country(
        "BR",
        "João Conceição Luíza Antônio",
        "da Silva|Gonçalves|Araújo|Simões",
        "Rua São João #|Avenida Paulista #",
        "São Paulo=01+##-###",
        region="SP",
    ),
    "United Arab Emirates": Country(
        "AE",
        "أحمد فاطمة خالد مريم",
        "المنصوري|الهاشمي|النعيمي",
        "شارع الشيخ زايد #|شارع الوصل #",
        "دبي|أبو ظبي",
    ),
    "USA": Country(
        "US",
        "Ava Liam José Emma Mason Zoë",
        "Johnson|O'Connor|Hernández|Lee|Washington",
        "# Main St Apt 4|# Broadway|# Lexington Ave",
        "New York=100##|Brooklyn=112##|Albany=122##",
        region="NY",
    ),
    "Bahrain": Country(
        "BH",
        "علي زينب يوسف نورة",
        "الخليفة|العلوي|الدوسري",
        "طريق 12، مبنى #",
        "المنامة=3+#",
    ),
    "Czech Republic": Country(
        "CZ",
        "Jiří Kateřina Tomáš Růžena",
        "Dvořák|Černý|Nováková|Růžička",
        "Dlouhá #|Na Příkopě #|Žižkova #",
        "Praha=1+# ##|Brno=60+ ##|Plzeň=30+ ##",
    ),
    "Saudi Arabia": Country(
        "SA",
        "عبدالله سارة فهد هند",
        "العتيبي|القحطاني|الغامدي",
        "طريق الملك فهد #",
        "الرياض=11+##|جدة=21+##",
    ),
    "RSA": Country(
        "ZA",
        "Thandiwe Pieter Lerato Zanele",
        "Nkosi|van der Merwe|Dlamini|Botha",
        "# Long Street|# Church Street",
        "Cape Town=80+#|Pretoria=00+#",
    ),
}
"""By the order book's own name for the country.

`Unspecified` goes to the shop's home country and `European Community` to Brussels: an order
needs an address, and neither name says more.
"""

GUESSED = frozenset({"Unspecified", "European Community"})
"""Names that are no country; the reader notes what it made of them."""


@dataclass(frozen=True, slots=True)
class Customer:
    """Who an order goes to."""

    address: Address
    email: str
    language: str


def customer(identity: str, country: str, *, guest: str = "") -> Customer:
    """The customer with this number in this country, named `guest` when that is given."""
    land = COUNTRIES[country]
    seed = f"{land.code}:{identity}"
    first = _pick("first", seed, land.first.split())
    last = _pick("last", seed, land.last.split("|"))
    name = guest or (f"{last} {first}" if land.last_first else f"{first} {last}")
    house = str(1 + number("house", seed, 180))
    street = _pick("street", seed, land.streets.split("|")).replace("#", house, 1)
    town, _, pattern = _pick("town", seed, land.towns.split("|")).partition("=")
    address = Address(
        name=name,
        street=street,
        postcode=_postcode(pattern, seed),
        city=town,
        region=land.region,
        country=land.code,
    )
    mailbox = _slug(guest or f"{first} {last}") or "customer"
    domain = _pick("domain", seed, _DOMAINS)
    return Customer(address, f"{mailbox}.{identity}@{domain}", land.language)


def _pick(what: str, seed: str, choices: list[str] | tuple[str, ...]) -> str:
    return choices[number(what, seed, len(choices))]


def _postcode(pattern: str, seed: str) -> str:
    made = []
    for position, char in enumerate(pattern):
        what = f"postcode {position}"
        if char == "#":
            made.append(str(number(what, seed, 10)))
        elif char == "+":
            made.append(str(1 + number(what, seed, 9)))
        elif char == "@":
            made.append(_LETTERS[number(what, seed, len(_LETTERS))])
        else:
            made.append(char)
    return "".join(made)


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.translate(_PLAIN)).encode("ascii", "ignore").decode()
    return _SLUG.sub(".", plain.lower()).strip(".")
