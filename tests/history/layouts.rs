//! One test a layout.

use tradewinds::history::{Form, Layout, LeftOut, Products, Unit, Valuation};

use super::{read, shown};

const COMTRADE: &str = "\
typeCode,freqCode,refPeriodId,refYear,refMonth,period,reporterCode,reporterISO,reporterDesc,flowCode,flowDesc,\
partnerCode,partnerISO,partnerDesc,partner2Code,partner2ISO,partner2Desc,classificationCode,classificationSearchCode,\
isOriginalClassification,cmdCode,cmdDesc,aggrLevel,isLeaf,customsCode,customsDesc,mosCode,motCode,motDesc,qtyUnitCode,\
qtyUnitAbbr,qty,isQtyEstimated,altQtyUnitCode,altQtyUnitAbbr,altQty,isAltQtyEstimated,netWgt,isNetWgtEstimated,\
grossWgt,isGrossWgtEstimated,cifvalue,fobvalue,primaryValue,legacyEstimationFlag,isReported,isAggregate
";

/// A row of Comtrade, with the comma at its end that downloads from the web page have.
fn comtrade(year: u32, reporter: (&str, &str), flow: &str, partner: (&str, &str), rest: [&str; 6]) -> String {
    let [product, mode, partner2, cif, fob, primary] = rest;
    format!(
        "C,A,{year}0101,{year},52,{year},{},{},\"Name, of it\",{flow},,{},{},,{partner2},W00,World,H6,HS,True,{product},All,0,\
         False,C00,,0,{mode},,-1,N/A,,False,-1,N/A,,False,,False,,False,{cif},{fob},{primary},0,False,True,\n",
        reporter.0, reporter.1, partner.0, partner.1
    )
}

#[test]
fn comtrade_as_downloaded() {
    let (pak, kaz) = (("586", "PAK"), ("398", "KAZ"));
    let total = |primary| ["TOTAL", "0", "0", "", "", primary];
    let text = [
        COMTRADE.to_owned(),
        comtrade(2020, pak, "X", kaz, total("59000000.5")),
        comtrade(2020, pak, "M", kaz, total("2000000")),
        // The mirror: what Kazakhstan says it imports.
        comtrade(2020, kaz, "M", pak, total("65000000")),
        // Imports that are valued FOB say so by their value.
        comtrade(2021, pak, "M", kaz, ["TOTAL", "0", "0", "", "1000000", "1000000"]),
        comtrade(2020, pak, "RX", kaz, total("7")),
        comtrade(2020, pak, "X", ("0", "W00"), total("8")),
        comtrade(2020, pak, "X", kaz, ["TOTAL", "2100", "0", "", "", "9"]),
        comtrade(2020, pak, "X", kaz, ["TOTAL", "0", "156", "", "", "9"]),
    ]
    .concat();
    let history = read(&text, &Layout::default());
    assert_eq!(
        shown(&history),
        [
            "KAZ|PAK||PAK|FOB 2021=1",
            "KAZ|PAK||PAK|CIF 2020=2",
            "PAK|KAZ||KAZ|CIF 2020=65",
            "PAK|KAZ||PAK|FOB 2020=59.0000005",
        ]
    );
    let fob = Layout { valuation: Some(Valuation::Fob), ..Layout::default() };
    assert_eq!(shown(&read(&text, &fob)), ["KAZ|PAK||PAK|FOB 2021=1", "PAK|KAZ||PAK|FOB 2020=59.0000005"]);
    assert_eq!(history.about.form, Form::Comtrade);
    let left_out = [(LeftOut::OtherFlows, 1), (LeftOut::Groups, 1), (LeftOut::Splits, 2)];
    assert_eq!(history.about.left_out, left_out);
}

#[test]
fn of_comtrade_products_each_counts_once() {
    let (pak, kaz) = (("586", "PAK"), ("398", "KAZ"));
    let product = |code, primary| ["HS", "0", "0", "", "", primary].map(|cell| if cell == "HS" { code } else { cell });
    let text = [
        COMTRADE.to_owned(),
        // 2020 has the table's own total, 2021 chapters and headings, 2022 headings only.
        comtrade(2020, pak, "X", kaz, product("TOTAL", "10e6")),
        comtrade(2020, pak, "X", kaz, product("30", "4e6")),
        comtrade(2021, pak, "X", kaz, product("30", "4e6")),
        comtrade(2021, pak, "X", kaz, product("52", "5e6")),
        comtrade(2021, pak, "X", kaz, product("3004", "4e6")),
        comtrade(2022, pak, "X", kaz, product("3004", "1e6")),
        comtrade(2022, pak, "X", kaz, product("3005", "2e6")),
    ]
    .concat();
    assert_eq!(shown(&read(&text, &Layout::default())), ["PAK|KAZ||PAK|FOB 2020=10 2021=9 2022=3"]);
    let apart = Layout { products: Products::Each, ..Layout::default() };
    assert_eq!(
        shown(&read(&text, &apart)),
        [
            "PAK|KAZ|30|PAK|FOB 2020=4 2021=4",
            "PAK|KAZ|3004|PAK|FOB 2021=4 2022=1",
            "PAK|KAZ|3005|PAK|FOB 2022=2",
            "PAK|KAZ|52|PAK|FOB 2021=5",
            "PAK|KAZ|TOTAL|PAK|FOB 2020=10",
        ]
    );
}

#[test]
fn the_former_comtrade() {
    let text = "Classification,Year,Period,Period Desc.,Aggregate Level,Is Leaf Code,Trade Flow Code,Trade Flow,\
Reporter Code,Reporter,Reporter ISO,Partner Code,Partner,Partner ISO,Commodity Code,Commodity,Qty Unit Code,Qty Unit,\
Qty,Netweight (kg),Trade Value (US$),Flag
H4,2016,2016,2016,0,0,1,Import,398,Kazakhstan,KAZ,586,Pakistan,PAK,TOTAL,All Commodities,1,No Quantity,,,22890700,0
H4,2016,2016,2016,0,0,2,Export,398,Kazakhstan,KAZ,586,Pakistan,PAK,TOTAL,All Commodities,1,No Quantity,,,2655500,0
";
    assert_eq!(
        shown(&read(text, &Layout::default())),
        ["KAZ|PAK||KAZ|FOB 2016=2.6555", "PAK|KAZ||KAZ|CIF 2016=22.8907"]
    );
}

#[test]
fn baci() {
    let text = "t,i,j,k,v,q\n2020,586,398,300490,1500.5,20\n2020,586,398,520100,500,NA\n2020,842,490,870323,7,1\n";
    let history = read(text, &Layout::default());
    assert_eq!(shown(&history), ["PAK|KAZ||BACI|FOB 2020=2.0005", "USA|TWN||BACI|FOB 2020=0.007"]);
    assert_eq!((history.about.form, history.about.products), (Form::Baci, 3));
}

#[test]
fn wits_query() {
    let text =
        "\"Nomenclature\",\"ReporterISO3\",\"ProductCode\",\"ReporterName\",\"PartnerISO3\",\"PartnerName\",\"Year\",\
\"TradeFlowName\",\"TradeFlowCode\",\"TradeValue in 1000 USD\"
\"H0\",\"PAK\",\"Total\",\"Pakistan\",\"KAZ\",\"Kazakhstan\",\"2015\",\"Export\",\"6\",\"12843.884\"
\"H0\",\"PAK\",\"Total\",\"Pakistan\",\"KAZ\",\"Kazakhstan\",\"2015\",\"Import\",\"5\",\"3717.3\"
\"H0\",\"PAK\",\"Total\",\"Pakistan\",\"WLD\",\"World\",\"2015\",\"Export\",\"6\",\"22188000\"
";
    let layout: Layout = "flow=TradeFlowName".parse().unwrap();
    assert_eq!(shown(&read(text, &layout)), ["KAZ|PAK||PAK|CIF 2015=3.7173", "PAK|KAZ||PAK|FOB 2015=12.843884"]);
    // Nobody has to say so: the codes of WITS are not those of Comtrade.
    assert_eq!(read(text, &Layout::default()).series, read(text, &layout).series);
}

#[test]
fn wits_country_profile_has_a_column_a_year() {
    let text = "Reporter,Partner,Product categories,Indicator Type,Indicator,1989,1990,1991
Pakistan,Kazakhstan,All Products,Export,Export(US$ Mil),,10.5,0
Pakistan,Kazakhstan,All Products,Export,Export Partner Share(%),,0.1,0
Pakistan,World,All Products,Export,Export(US$ Mil),5000,6000,7000
";
    let history = read(text, &Layout::default());
    assert_eq!(shown(&history), ["PAK|KAZ||PAK|FOB 1990=10.5 1991=0"]);
    assert_eq!(history.about.empty_cells, 1);
}

#[test]
fn imf_direction_of_trade() {
    let text = "\"Country Name\",\"Country Code\",\"Indicator Name\",\"Indicator Code\",\"Counterpart Country Name\",\
\"Counterpart Country Code\",\"Attribute\",\"2019\",\"2020\",\"2020Q1\",
\"Pakistan\",\"564\",\"Goods, Value of Exports, Free on board (FOB), US Dollars\",\"TXG_FOB_USD\",\"Kazakhstan\",\"916\",\"Value\",\"83207991\",\"\",\"1\",
\"Pakistan\",\"564\",\"Goods, Value of Imports, Cost, Insurance, Freight (CIF), US Dollars\",\"TMG_CIF_USD\",\"Kazakhstan\",\"916\",\"Value\",\"987480\",\"0\",\"\",
\"Pakistan\",\"564\",\"Goods, Value of Trade Balance, US Dollars\",\"TBG_USD\",\"Kazakhstan\",\"916\",\"Value\",\"1\",\"1\",\"\",
\"Pakistan\",\"564\",\"Goods, Value of Exports, Free on board (FOB), US Dollars\",\"TXG_FOB_USD\",\"World\",\"001\",\"Value\",\"1\",\"1\",\"\",
";
    let layout = Layout { unit: Unit::named("USD"), ..Layout::default() };
    let history = read(text, &layout);
    assert_eq!(shown(&history), ["KAZ|PAK||PAK|CIF 2019=0.98748 2020=0", "PAK|KAZ||PAK|FOB 2019=83.207991"]);
    assert_eq!(history.about.form, Form::Imf);
    let left_out = [(LeftOut::OtherFlows, 1), (LeftOut::Groups, 1), (LeftOut::IncompleteYears, 1)];
    assert_eq!(history.about.left_out, left_out);
}

#[test]
fn imf_data_portal() {
    let text =
        "DATASET,SERIES_CODE,OBS_MEASURE,COUNTRY,INDICATOR,COUNTERPART_COUNTRY,FREQUENCY,SCALE,TIME_PERIOD,OBS_VALUE
IMF.STA:IMTS,x,OBS_VALUE,PAK,XG_FOB_USD,KAZ,A,Millions,2020,59.1
IMF.STA:IMTS,x,OBS_VALUE,PAK,MG_CIF_USD,KAZ,A,Millions,2020,2.0
IMF.STA:IMTS,x,OBS_VALUE,PAK,MG_FOB_USD,KAZ,A,Millions,2020,1.9
IMF.STA:IMTS,x,OBS_VALUE,PAK,XG_FOB_USD,G001,A,Millions,2020,22000
";
    let history = read(text, &Layout::default());
    let all = ["KAZ|PAK||PAK|FOB 2020=1.9", "KAZ|PAK||PAK|CIF 2020=2", "PAK|KAZ||PAK|FOB 2020=59.1"];
    assert_eq!(shown(&history), all);
    let fob = Layout { valuation: Some(Valuation::Fob), ..Layout::default() };
    assert_eq!(shown(&read(text, &fob)), [all[0], all[2]]);
}

#[test]
fn sdmx_csv() {
    let text =
        "DATAFLOW;FREQ;REF_AREA;COUNTERPART_AREA;TRADE_FLOW;TIME_PERIOD;OBS_VALUE;UNIT_MEASURE;UNIT_MULT;OBS_STATUS
X:TRADE(1.0);A;PK;KZ;X;2020;59,1;USD;6;A
X:TRADE(1.0);A;PK;KZ;X;2021;;USD;6;M
X:TRADE(1.0);A;PK;KZ;M;2020;0;USD;6;A
";
    let history = read(text, &Layout::default());
    assert_eq!(shown(&history), ["KAZ|PAK||PAK| 2020=0", "PAK|KAZ||PAK| 2020=59.1"]);
    assert_eq!((history.about.form, history.about.empty_cells), (Form::Sdmx, 1));
}

#[test]
fn sdmx_csv_with_labels() {
    let text =
        "REF_AREA: Reference area,COUNTERPART_AREA: Counterpart,TRADE_FLOW: Flow,TIME_PERIOD: Time,OBS_VALUE: Value,\
UNIT_MEASURE: Unit
PAK: Pakistan,KAZ: Kazakhstan,X: Exports,2020-Q1,1000000,USD: US dollar
PAK: Pakistan,KAZ: Kazakhstan,X: Exports,2020-Q2,1000000,USD: US dollar
PAK: Pakistan,KAZ: Kazakhstan,X: Exports,2020-Q3,1000000,USD: US dollar
PAK: Pakistan,KAZ: Kazakhstan,X: Exports,2020-Q4,1000000,USD: US dollar
PAK: Pakistan,KAZ: Kazakhstan,X: Exports,2021-Q1,1000000,USD: US dollar
";
    assert_eq!(shown(&read(text, &Layout::default())), ["PAK|KAZ||PAK| 2020=4"]);
}

#[test]
fn plain_tables_in_many_dresses() {
    let expected = ["PAK|KAZ||| 2019=0 2020=1234.5"];
    for text in [
        "from,to,year,value\nPAK,KAZ,2020,1234.5\nPAK,KAZ,2019,0\n",
        "\u{feff}from,to,year,value\r\nPAK,KAZ,2020,\"1,234.5\"\r\nPAK,KAZ,2019,0\r\nPAK,KAZ,2018,..\r\n",
        "exporter;importer;year;trade_musd\nPAK;KAZ;2020;1.234,5\nPAK;KAZ;2019;0\n",
        "Exporter\tImporter\tYear\tTrade value (thousand USD)\nPAK\tKAZ\t2020\t1234500\nPAK\tKAZ\t2019\t0\n",
        "Trade of Pakistan\n\nfrom,to,year,value_usd\nPakistan,Kazakhstan,2020,1.2345e9\nPakistan,Kazakhstan,2019,0\nSource: none\n",
        "from,to,2018,2019,2020\nPAK,KAZ,,0,1234.5\n",
        "year,reporter,partner,flow,value\n2020,PAK,KAZ,exports,1234.5\n2019,PAK,KAZ,exports,0\n",
    ] {
        let without_reporter = |line: String| line.replace("||PAK|", "|||");
        let found: Vec<String> = shown(&read(text, &Layout::default())).into_iter().map(without_reporter).collect();
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn a_country_with_itself_is_no_trade_and_a_pair_may_be() {
    let text = "exporter,importer,year,trade_musd\nARG,ARG,1986,61288.6\nPAK+KAZ,PAK+KAZ,2021,95\n";
    let history = read(text, &Layout::default());
    assert_eq!(shown(&history), ["PAK+KAZ|PAK+KAZ||| 2021=95"]);
    assert_eq!(history.about.left_out, [(LeftOut::Domestic, 1)]);
}

#[test]
fn one_flow_can_be_asked_for() {
    let text = "from,to,year,value\nPAK,KAZ,2020,1\nKAZ,PAK,2020,2\nPAK,UZB,2020,3\n";
    let flows = |from: Option<&str>, to: Option<&str>| Layout {
        flows: vec![(from.map(str::to_owned), to.map(str::to_owned))],
        ..Layout::default()
    };
    assert_eq!(shown(&read(text, &flows(Some("PAK"), Some("KAZ")))), ["PAK|KAZ||| 2020=1"]);
    assert_eq!(shown(&read(text, &flows(None, Some("PAK")))), ["KAZ|PAK||| 2020=2"]);
}
