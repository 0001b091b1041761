"""The gazetteer: what it holds and how names find divisions."""

import csv
import gzip
import time

import pytest

from transform.regions import Level, load_gazetteer
from transform.regions.gazetteer import REFERENCE_FOLDER, NameForm, township_key
from transform.regions.hosts import codes_of_host, hosts_in

GAZETTEER = load_gazetteer()


def test_divisions_are_those_of_the_tables():
    levels = [division.level for division in GAZETTEER.divisions.values()]
    assert levels.count(Level.PROVINCE) == 31 + 1  # with the Production Corps
    assert levels.count(Level.PREFECTURE) == 342 - 9 + 1  # without layers, with 雄安新区
    assert levels.count(Level.COUNTY) == 2978 - 4  # without the lines that fill a gap


def test_every_parent_exists_and_is_one_level_up_or_more():
    order = list(Level)
    for division in GAZETTEER.divisions.values():
        if division.parent:
            assert order.index(GAZETTEER.divisions[division.parent].level) < order.index(division.level)


def test_every_township_lies_in_a_division_that_is_there():
    with gzip.open(REFERENCE_FOLDER / "streets.csv.gz", "rt", encoding="utf-8") as file:
        codes = [row["code"] for row in csv.DictReader(file)]
    assert len(codes) == 41_352
    assert all((found := GAZETTEER.get(code)) and found.parent in GAZETTEER.divisions for code in codes)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("22", "吉林省"),
        ("2203", "四平市"),
        ("220303", "铁东区"),
        ("220303000000", "铁东区"),
        ("610102009", "胡家庙街道"),
        ("610102009000", "胡家庙街道"),
        ("100000", "全国"),
        ("000000", "全国"),
        ("620201", "嘉峪关市"),
        ("660000", "新疆生产建设兵团"),
    ],
)
def test_a_code_finds_its_division_in_every_length(code: str, name: str):
    found = GAZETTEER.get(code)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize("code", ["999999", "", "abc", "110100", "500200", "419000"])
def test_a_code_that_is_no_division_finds_nothing(code: str):
    assert GAZETTEER.get(code) is None


def test_counties_of_a_municipality_hang_under_it():
    assert [division.name for division in GAZETTEER.ancestors("120117")] == ["天津市"]
    assert {"120117", "120101"} <= {division.code for division in GAZETTEER.children("120000")}


def test_townships_of_a_prefecture_without_counties_hang_under_it():
    assert "长安镇" in {division.name for division in GAZETTEER.children("441900")}


@pytest.mark.parametrize(
    ("name", "code", "form"),
    [
        ("铁东区", "220303", NameForm.FULL),
        ("湖里", "350206", NameForm.SHORT),
        ("恩施州", "422800", NameForm.FULL),
        ("恩施", "422800", NameForm.SHORT),
        ("内蒙古", "150000", NameForm.SHORT),
        ("长阳县", "420528", NameForm.FULL),
        ("城区", "140502", NameForm.NESTED),
        ("宁河县", "120117", NameForm.FORMER),
        ("平潭综合实验区", "350128", NameForm.FULL),
        ("长春高新区", "220173", NameForm.FULL),
        ("高新区", "220173", NameForm.NESTED),
        ("东乡族自治县", "622926", NameForm.FULL),
        ("两江新区", "500000", NameForm.FULL),
    ],
)
def test_a_name_has_its_meaning(name: str, code: str, form: NameForm):
    assert (code, form) in {(unit.code, unit.form) for unit in GAZETTEER.lookup(name)}


def test_a_name_of_a_province_never_means_a_county():
    assert {unit.code for unit in GAZETTEER.lookup("河南")} == {"410000"}
    assert {unit.code for unit in GAZETTEER.lookup("吉林")} == {"220000"}


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("胡家庙街道办事处", "胡家庙街道"),
        ("胡家庙街道", "胡家庙街道"),
        ("造甲城镇", "造甲城镇"),
        ("亦庄地区办事处", "亦庄地区"),
        ("下伙房回族乡", "下伙房乡"),
    ],
)
def test_township_names_meet_in_one_key(name: str, key: str):
    assert township_key(name) == key


def test_every_code_in_the_reference_files_is_a_division():
    for file, column in (("domains.csv", "code"), ("former_units.csv", "current_code")):
        with (REFERENCE_FOLDER / file).open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                assert not row[column] or GAZETTEER.get(row[column]), row
    for units in GAZETTEER.names.values():
        for unit in units:
            assert not unit.code or unit.code in GAZETTEER.divisions


def test_the_names_beside_the_codes_are_the_divisions_own():
    for file, code, name in (("domains.csv", "code", "name"), ("former_units.csv", "current_code", "current_name")):
        with (REFERENCE_FOLDER / file).open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                division = GAZETTEER.get(row[code])
                assert not division or division.name == row[name], row


@pytest.mark.parametrize(
    ("host", "codes"),
    [
        ("tdq.siping.gov.cn", ("220300",)),
        ("www.shanghai.gov.cn", ("310000",)),
        ("www.xa.gov.cn", ("610100",)),
        ("www.huhhot.gov.cn", ("150100",)),
        ("www.pingtan.gov.cn", ("350128",)),
        ("gz.siping.gov.cn", ("220300",)),
        ("pingtan.fuzhou.gov.cn", ("350100", "350128")),
        ("pingtan.siping.gov.cn", ("220300",)),
        ("www.unknown.gov.cn", ()),
    ],
)
def test_a_host_names_divisions_and_an_outer_label_vetoes_an_inner_one(host: str, codes: tuple[str, ...]):
    assert codes_of_host(host, GAZETTEER) == codes


def test_hosts_are_found_in_running_text():
    text = "门户网站（http://tdq.siping.gov.cn/）和 WWW.SHANGHAI.GOV.CN，邮箱 a@example.com"
    assert list(hosts_in(text)) == ["tdq.siping.gov.cn", "www.shanghai.gov.cn"]


def test_reference_files_stay_small_enough_to_track():
    assert all(path.stat().st_size < 1_000_000 for path in REFERENCE_FOLDER.iterdir())


def test_the_gazetteer_loads_in_a_blink():
    times = []
    for _ in range(3):
        start = time.process_time()
        load_gazetteer.__wrapped__(REFERENCE_FOLDER)
        times.append(time.process_time() - start)
    assert min(times) < 0.6  # of CPU; 0.15 s measured


# ---- years ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "name", "first", "last"),
    [
        ("120117", "宁河区", None, None),  # 宁河县 until 2015
        ("120116", "滨海新区", 2009, None),  # made of three districts
        ("320812", "清江浦区", 2016, None),  # made of two
        ("410308", "孟津区", None, None),  # 孟津县 and 吉利区: the county goes on
        ("540581", "错那市", None, None),  # twice renamed and once recoded
        ("520600", "铜仁市", None, None),  # 铜仁地区
        ("330113", "临平区", 2021, None),
        ("659012", "白杨市", 2023, None),
        ("110101", "东城区", None, None),
    ],
)
def test_a_division_exists_in_its_years(code: str, name: str, first: int | None, last: int | None):
    division = GAZETTEER.get(code)
    assert division
    assert division.name == name
    years = [year for year in range(2008, 2027) if GAZETTEER.exists(code, year)]
    assert years == list(range(first or 2008, (last or 2026) + 1))


def test_a_former_unit_exists_until_it_is_gone():
    names = {year: {unit.name for unit in GAZETTEER.former_units_in(year)} for year in (2008, 2014, 2015, 2018, 2019)}
    assert "崇文区" in names[2008]
    assert "宁河县" in names[2014]
    assert "宁河县" not in names[2015]
    assert "莱芜市" in names[2018]
    assert "莱芜市" not in names[2019]


def test_every_county_of_2007_is_there_or_has_a_successor():
    present = len(GAZETTEER.divisions_in(2007, Level.COUNTY))
    assert 2780 < present < 2860  # 2,859 counties in law at the end of 2007; 45 were later merged into others
    gone = {unit.name for unit in GAZETTEER.former_units if not unit.successor}
    assert gone == {"桥东区", "邯郸县", "南郊区", "九里区", "巢湖市", "莱芜市"}
    assert all(GAZETTEER.get(unit.successor) for unit in GAZETTEER.former_units if unit.successor)


def test_zones_count_only_where_asked_for():
    with_zones = len(GAZETTEER.divisions_in(2022, Level.COUNTY, zones=True))
    assert with_zones > len(GAZETTEER.divisions_in(2022, Level.COUNTY)) > 2840


def test_the_lifespans_are_of_units_that_are_known():
    with (REFERENCE_FOLDER / "lifespans.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            division = GAZETTEER.get(row["code"])
            if not row["last_year"]:
                assert division is not None
                assert division.name == row["name"]
            assert row["first_year"] or row["last_year"]
            assert row["basis"] in ("lists", "by hand")


def test_a_township_that_is_gone_is_known_by_its_county():
    gone = {unit.county: unit.lifespan.last_year for unit in GAZETTEER.former_townships_named("临平街道")}
    assert gone == {"330110": 2020}  # since 2021 in 临平区
    (present,) = (town for town in GAZETTEER.townships_named("临平街道") if town.parent == "330113")
    assert GAZETTEER.township_lifespan(present).first_year == 2021
    assert len(GAZETTEER.former_townships) > 4_000


def test_a_township_of_every_list_has_no_years():
    (town,) = (town for town in GAZETTEER.townships_named("胡家庙街道") if town.parent == "610102")
    lifespan = GAZETTEER.township_lifespan(town)
    assert (lifespan.first_year, lifespan.last_year) == (None, None)
