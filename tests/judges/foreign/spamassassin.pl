#!/usr/bin/perl
# Asks SpamAssassin, a line of JSON at a time: the score of a mail, and the rules that it hit.
# Like `spamassassin -L -t`, without a second of starting for each mail: no network, no Bayes,
# nobody's own preferences, and the rules that came with the package, whatever was fetched since.
use strict;
use warnings;
use JSON::PP;
use MIME::Base64;
use Mail::SpamAssassin;

my $scratch = shift @ARGV;
my $judge = Mail::SpamAssassin->new({
    rules_filename           => '/usr/share/spamassassin',
    local_tests_only         => 1,
    dont_copy_prefs          => 1,
    userprefs_filename       => '/dev/null',
    userstate_dir            => $scratch,
    home_dir_for_helpers     => $scratch,
    post_config_text         => "use_bayes 0\nuse_auto_welcomelist 0\n",
});
$judge->init(0);

my $json = JSON::PP->new->canonical;
$| = 1;
while (my $line = <STDIN>) {
    my $mail = $judge->parse(decode_base64(decode_json($line)->{content}));
    my $said = $judge->check($mail);
    print $json->encode({
        score => $said->get_score + 0,
        rules => $said->get_names_of_tests_hit,
    }), "\n";
    $said->finish;
    $mail->finish;
}
