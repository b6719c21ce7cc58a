//! The pictures: when, how much, by whom, each with the table that says the same.

use crate::diagnostic::Lang;
use crate::report::document::{
    Bars, Block, Cell, Columns, Drawing, Heat, Kind, Mark, Picture, Section, Strips, Table,
};
use crate::report::model::{Listed, OffHoursRow};
use crate::report::number::thousands;

use super::Speaker;

pub(super) fn section(speaker: &Speaker<'_>) -> Section {
    let pictures = &speaker.weekly.pictures;
    let mut blocks = Vec::new();
    if speaker.weekly.examined.has_figures {
        match &speaker.weekly.of_department {
            Some(told) if told.is_withheld => {}
            _ => blocks.push(Block::Picture(heat(speaker))),
        }
    } else {
        let none = speaker.say(
            "The store holds no figures of these days.",
            "この期間の集計がストアにありません。",
        );
        blocks.push(Block::Note(Mark::Care, none));
    }
    blocks.push(Block::Picture(alerts(speaker)));
    blocks.push(Block::Picture(weeks(speaker)));
    if speaker.weekly.examined.has_figures {
        blocks.extend(failed_of_department(speaker).map(Block::Picture));
        blocks.push(Block::Picture(failed(speaker)));
        let rows = [
            (
                &pictures.departments,
                ("Departments while closed", "時間外の記録が多い部署"),
            ),
            (
                &pictures.terminals,
                ("Terminals while closed", "時間外の記録が多い端末"),
            ),
        ];
        for (list, title) in rows {
            blocks.push(off_hours(speaker, list, title));
        }
        blocks.push(volume(speaker));
    }
    Section {
        id: "pictures",
        title: speaker.say("3. Pictures", "3. 図で見る様子"),
        short: speaker.say("3 Pictures", "3 図"),
        blocks,
    }
}

fn heat(speaker: &Speaker<'_>) -> Picture {
    let pictures = &speaker.weekly.pictures;
    let total: u64 = pictures.heat.iter().flatten().sum();
    let mut peak = (0u64, 0, 0);
    for (day, hours) in pictures.heat.iter().enumerate() {
        for (hour, count) in hours.iter().enumerate() {
            if *count > peak.0 {
                peak = (*count, day, hour);
            }
        }
    }
    let (most, day, hour) = (thousands(peak.0), speaker.weekday(peak.1), peak.2);
    let (most_en, most_ja) = match peak.0 {
        0 => (String::new(), String::new()),
        _ => (
            format!(", most on {day} from {hour}:00 with {most}"),
            format!("、最も多いのは{day}曜{hour}時台の{most}件"),
        ),
    };
    let total_told = thousands(total);
    let by = match pictures.closed_by {
        "calendar" => speaker.say(
            "closed hours by the calendar",
            "閉まっている時間は診療時間の設定による",
        ),
        "settings" => speaker.say(
            "closed hours as the last run knew them",
            "閉まっている時間は直近の点検時の設定による",
        ),
        "records" => speaker.say(
            "closed hours as most records were judged",
            "閉まっている時間は記録の判定の多数による",
        ),
        _ => speaker.say("closed hours are not known", "閉まっている時間は不明"),
    };
    let description = match speaker.lang {
        Lang::Ja => format!(
            "曜日（7行）と時刻（24列）ごとの記録の件数（通信の通過・遮断を除く）。合計{total_told}件{most_ja}。斜線は閉まっている時間（{by}）。"
        ),
        Lang::En => format!(
            "Records by weekday (7 rows) and hour (24 columns), without packets that passed or were dropped: {total_told} in all{most_en}. Hatched hours are closed ({by})."
        ),
    };
    let names: Vec<String> = (0..7).map(|day| speaker.weekday(day)).collect();
    let hours = (0..24).map(|hour: u32| hour.to_string());
    let columns = numbered(speaker.say("Day", "曜日"), hours);
    let rows = pictures.heat.iter().zip(&names);
    let rows = rows.map(|(hours, name)| counted(name, hours));
    let title = speaker.say("Records by weekday and hour", "曜日と時刻ごとの記録");
    Picture {
        table: same(&title, columns, rows.collect()),
        title,
        description,
        drawing: Drawing::Heat(Heat {
            rows: names,
            values: pictures.heat.clone(),
            closed: pictures.closed.clone(),
            closed_word: speaker.say("closed", "閉まっている時間"),
            scale_words: (speaker.say("few", "少"), speaker.say("many", "多")),
        }),
    }
}

fn alerts(speaker: &Speaker<'_>) -> Picture {
    let days = &speaker.weekly.pictures.alerts;
    let total: u64 = days.iter().flat_map(|day| day.levels).sum();
    let usual: f64 = days.iter().map(|day| day.usual).sum();
    let title = speaker.say("Alerts by day and level", "日ごと・重要度ごとのアラート");
    let parts: Vec<String> = (0..5)
        .map(|level| speaker.level(level).to_owned())
        .collect();
    let rows = days.iter().map(|day| {
        let mut row = vec![Cell::Day(day.day)];
        row.extend(day.levels.iter().map(|count| Cell::Count(*count)));
        row.push(Cell::text(format!("{:.1}", day.usual)));
        row
    });
    let mut columns = vec![(speaker.say("Day", "日"), Kind::When)];
    columns.extend(parts.iter().map(|part| (part.clone(), Kind::Number)));
    let usual_word = speaker.say("mean of 8 weeks", "前8週の平均");
    columns.push((usual_word.clone(), Kind::Number));
    Picture {
        description: match speaker.lang {
            Lang::Ja => format!(
                "期間中のアラート{total}件を日ごとに積み上げた棒。横線は前の8週の同じ曜日の平均（合計{usual:.1}件）。"
            ),
            Lang::En => format!(
                "The {total} alerts of this period by day, stacked by level. The line is the mean of the same weekday in the eight weeks before ({usual:.1} in all)."
            ),
        },
        drawing: Drawing::Columns(Columns {
            names: days.iter().map(|day| speaker.short_day(day.day)).collect(),
            parts,
            values: days.iter().map(|day| day.levels.to_vec()).collect(),
            usual: Some((usual_word, days.iter().map(|day| day.usual).collect())),
            strong: None,
        }),
        table: same(&title, columns, rows.collect()),
        title,
    }
}

fn weeks(speaker: &Speaker<'_>) -> Picture {
    let weeks = &speaker.weekly.pictures.weeks;
    let last = weeks.last().map_or(0, |week| week.count);
    let before = &weeks[..weeks.len().saturating_sub(1)];
    let mean =
        before.iter().map(|week| week.count).sum::<u64>() as f64 / before.len().max(1) as f64;
    let title = speaker.say("Alerts of the last nine weeks", "この9週のアラート");
    simple(
        speaker,
        (
            title,
            match speaker.lang {
                Lang::Ja => {
                    format!("最後の7日間のアラートは{last}件、その前の8週は平均{mean:.1}件。")
                }
                Lang::En => format!(
                    "{last} alerts in the last seven days; {mean:.1} on average in the eight weeks before."
                ),
            },
        ),
        (
            speaker.say("Week from", "週の初日"),
            speaker.say("Alerts", "アラート"),
        ),
        weeks.iter().map(|week| (week.first, week.count)).collect(),
        weeks.len().checked_sub(1),
    )
}

fn failed(speaker: &Speaker<'_>) -> Picture {
    let days = &speaker.weekly.pictures.failed;
    let figure = speaker.weekly.examined.failed_logins;
    let total = thousands(figure.now);
    let compared = speaker.compared(figure);
    let title = speaker.whole(speaker.say("Failed logins by day", "日ごとのログイン失敗"));
    simple(
        speaker,
        (
            title,
            match speaker.lang {
                Lang::Ja => format!("期間中のログイン失敗は{total}件{compared}。"),
                Lang::En => format!("{total} failed logins in this period{compared}."),
            },
        ),
        (
            speaker.say("Day", "日"),
            speaker.say("Failed logins", "ログイン失敗"),
        ),
        days.iter().map(|day| (day.day, day.count)).collect(),
        None,
    )
}

/// What was refused to the department: by account the store knows that an act failed, and not
/// which act it was.
fn failed_of_department(speaker: &Speaker<'_>) -> Option<Picture> {
    let told = speaker.weekly.of_department.as_ref()?;
    if told.is_withheld {
        return None;
    }
    let (total, compared) = (thousands(told.failed.now), speaker.compared(told.failed));
    let said = match speaker.lang {
        Lang::Ja => format!(
            "この部署のIDで失敗した操作は{total}件{compared}。ログインの失敗のほか、拒まれた操作も含みます。"
        ),
        Lang::En => format!(
            "{total} acts of the department's accounts were refused in this period{compared}, failed logins among them."
        ),
    };
    let title = speaker.say(
        "Refused acts of the department by day",
        "この部署の日ごとの失敗した操作",
    );
    let days = told.failed_by_day.iter().map(|day| (day.day, day.count));
    Some(simple(
        speaker,
        (title, said),
        (
            speaker.say("Day", "日"),
            speaker.say("Refused acts", "失敗した操作"),
        ),
        days.collect(),
        None,
    ))
}

/// Columns of one part by day.
fn simple(
    speaker: &Speaker<'_>,
    (title, description): (String, String),
    (day, count): (String, String),
    values: Vec<(super::Day, u64)>,
    strong: Option<usize>,
) -> Picture {
    let rows = values
        .iter()
        .map(|(day, count)| vec![Cell::Day(*day), Cell::Count(*count)]);
    Picture {
        description,
        drawing: Drawing::Columns(Columns {
            names: values
                .iter()
                .map(|(day, _)| speaker.short_day(*day))
                .collect(),
            parts: vec![count.clone()],
            values: values.iter().map(|(_, count)| vec![*count]).collect(),
            usual: None,
            strong,
        }),
        table: same(
            &title,
            vec![(day, Kind::When), (count, Kind::Number)],
            rows.collect(),
        ),
        title,
    }
}

fn off_hours(speaker: &Speaker<'_>, list: &Listed<OffHoursRow>, (en, ja): (&str, &str)) -> Block {
    let title = speaker.say(en, ja);
    if list.first.is_empty() {
        let none = speaker.say("none", "該当なし");
        return Block::Note(
            Mark::Plain,
            format!("{title}{}{none}", speaker.say(": ", "：")),
        );
    }
    let parts = [
        ("after hours", "時間外"),
        ("holiday", "休日"),
        ("late night", "深夜"),
    ];
    let parts: Vec<String> = parts.iter().map(|(en, ja)| speaker.say(en, ja)).collect();
    let name = |row: &OffHoursRow| match &row.name {
        None => speaker.say("departments with few people", "人数の少ない部署の合計"),
        Some(name) if name.is_empty() => speaker.say("not recorded", "記録なし"),
        Some(name) if name == "*" => speaker.say("not in the register", "台帳にないもの（合計）"),
        Some(name) if row.department.is_empty() || *name == row.department => name.clone(),
        Some(name) => format!("{name} ({})", row.department),
    };
    let names: Vec<String> = list.first.iter().map(name).collect();
    let rows = list.first.iter().zip(&names);
    let rows = rows.map(|(row, name)| counted(name, &row.bands));
    let columns = numbered(speaker.say("Name", "名前"), parts.iter().cloned());
    let table = Table {
        more: speaker.more(list.more()),
        ..same(&title, columns, rows.collect())
    };
    let (first, most) = (
        names[0].clone(),
        thousands(list.first[0].bands.iter().sum()),
    );
    Block::Picture(Picture {
        description: match speaker.lang {
            Lang::Ja => format!(
                "閉まっている間の記録を時間外・休日・深夜に分けた横棒。最も多いのは{first}の{most}件。"
            ),
            Lang::En => format!(
                "Records while closed, parted into after hours, holidays and late night. Most: {first} with {most}."
            ),
        },
        drawing: Drawing::Bars(Bars {
            names,
            parts,
            values: list.first.iter().map(|row| row.bands.to_vec()).collect(),
        }),
        table,
        title,
    })
}

fn volume(speaker: &Speaker<'_>) -> Block {
    let weekly = speaker.weekly;
    let title = speaker.whole(speaker.say("Records by source and day", "記録元ごとの日々の件数"));
    let list = &weekly.pictures.volume;
    if list.first.is_empty() {
        let none = speaker.say("no source gave records", "記録が届いた記録元はありません");
        return Block::Note(
            Mark::Care,
            format!("{title}{}{none}", speaker.say(": ", "：")),
        );
    }
    let days: Vec<super::Day> = (weekly.period.first.0..=weekly.period.last.0)
        .map(super::Day)
        .collect();
    let names = days.iter().map(|day| speaker.short_day(*day));
    let columns = numbered(speaker.say("Source", "記録元"), names);
    let gap_word = speaker.say("missing", "欠け");
    let rows = list.first.iter().map(|volume| {
        let counts = volume
            .days
            .iter()
            .zip(&volume.gaps)
            .map(|(count, gap)| match gap {
                true => Cell::Marked(Mark::Bad, gap_word.clone()),
                false => Cell::Count(*count),
            });
        std::iter::once(Cell::text(volume.source.clone()))
            .chain(counts)
            .collect()
    });
    let table = Table {
        more: speaker.more(list.more()),
        ..same(&title, columns, rows.collect())
    };
    let gaps = list
        .first
        .iter()
        .flat_map(|volume| &volume.gaps)
        .filter(|gap| **gap)
        .count();
    Block::Picture(Picture {
        description: match speaker.lang {
            Lang::Ja => format!(
                "記録元{}つの日ごとの件数。高さは記録元ごとの最大に合わせています。×は、届くはずの記録がない日（{gaps}か所）。",
                list.total
            ),
            Lang::En => format!(
                "Records of {} sources by day, each to its own scale. A cross marks a day on which records should have come and did not ({gaps}).",
                list.total
            ),
        },
        drawing: Drawing::Strips(Strips {
            columns: days.iter().map(|day| speaker.short_day(*day)).collect(),
            rows: list
                .first
                .iter()
                .map(|v| (v.source.clone(), v.days.clone(), v.gaps.clone()))
                .collect(),
            gap_word,
        }),
        table,
        title,
    })
}

/// The table that says the same as a picture.
fn same(title: &str, columns: Vec<(String, Kind)>, rows: Vec<Vec<Cell>>) -> Table {
    Table {
        caption: title.to_owned(),
        columns,
        rows,
        more: None,
        empty: String::new(),
    }
}

/// A column of names, and columns of numbers.
fn numbered(name: String, numbers: impl Iterator<Item = String>) -> Vec<(String, Kind)> {
    let numbers = numbers.map(|number| (number, Kind::Number));
    std::iter::once((name, Kind::Text)).chain(numbers).collect()
}

/// A name and its counts.
fn counted(name: &str, counts: &[u64]) -> Vec<Cell> {
    let counts = counts.iter().map(|count| Cell::Count(*count));
    std::iter::once(Cell::text(name)).chain(counts).collect()
}
