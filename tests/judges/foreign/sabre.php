<?php
// Asks sabre/vobject, a line of JSON at a time: what it says of a file, and which starts its
// RecurrenceIterator finds in one. Debian's command for the first, vobjectvalidate, does not find its
// own library.

// Written for an older PHP: its complaints about that are not about our files.
error_reporting(E_ERROR | E_PARSE);
ini_set('display_errors', 'stderr');
date_default_timezone_set('UTC');
require '/usr/share/php/Sabre/VObject/autoload.php';

use Sabre\VObject\Reader;
use Sabre\VObject\RecurrenceIterator;

const MOST = 60; // occurrences

function judge(string $content): array
{
    try {
        $calendar = Reader::read($content);
        return array_map(function ($warning) { return $warning['message']; }, $calendar->validate());
    } catch (Throwable $fault) {
        return [$fault->getMessage()];
    }
}

function expand(string $content): array
{
    $calendar = Reader::read($content);
    $event = $calendar->VEVENT[0];
    if (!isset($event->RRULE)) {
        return [$event->DTSTART->getDateTime()->getTimestamp()];
    }
    $starts = [];
    $iterator = new RecurrenceIterator($calendar, (string) $event->UID);
    while ($iterator->valid() && count($starts) < MOST) {
        $starts[] = $iterator->getDtStart()->getTimestamp();
        $iterator->next();
    }
    sort($starts);
    return $starts;
}

function offsets(string $zone, array $moments): array
{
    try {
        $known = new DateTimeZone($zone);
    } catch (Exception $unknown) {
        return [];
    }
    return array_map(function ($moment) use ($known) {
        return $known->getOffset(new DateTime('@' . $moment));
    }, $moments);
}

while (($line = fgets(STDIN)) !== false) {
    $question = json_decode($line, true);
    switch ($question['ask']) {
        case 'findings':
            $answer = judge(base64_decode($question['content']));
            break;
        case 'starts':
            $answer = expand(base64_decode($question['content']));
            break;
        default:
            $answer = offsets($question['zone'], $question['moments']);
    }
    echo json_encode($answer, JSON_INVALID_UTF8_SUBSTITUTE), "\n";
}
