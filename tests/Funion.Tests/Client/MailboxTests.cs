using Funion.Client;
using Funion.Contracts;
using Funion.Cryptography;
using Funion.Mixing;
using Funion.Network;
using Funion.Sphinx;
using Funion.Tests.Network;

namespace Funion.Tests.Client;

/// <summary>What a client shows its gateway of its mailbox, poll by poll.</summary>
public sealed class MailboxTests
{
    [Fact]
    public void Ids_of_two_epochs_have_nothing_in_common_that_a_gateway_can_see()
    {
        using LocalNetworkPlan plan = Networks.Plan();
        NetworkDocument document = plan.Document;
        SphinxGeometry geometry = new(document.Geometry.UserPayload, document.Geometry.Hops);
        DateTimeOffset begin = document.EpochStart(document.Epoch) + TimeSpan.FromHours(1);
        using ClientMailbox mailbox = new(document, geometry, begin), another = new(document, geometry, begin);
        // A poll a day, long after each turn.
        MailboxRequest[] polls = [.. Enumerable.Range(0, 4).Select(day => Assert.Single(mailbox.PollsAt(document, begin + (day * document.EpochLength))))];
        Assert.Equal([0, 1, 2, 3], polls.Select(poll => (int)(poll.Epoch - document.Epoch)));
        byte[][] secrets = [.. polls.Append(Assert.Single(another.PollsAt(document, begin))).Select(poll => poll.Secret.ToArray())];
        RecipientId[] ids = [.. polls.Select(poll => MailboxRequest.MailboxId(poll.Secret.Span, poll.Epoch))];
        Assert.Equal(secrets.Length, secrets.Select(Convert.ToHexString).Distinct().Count());
        Assert.Equal(ids.Length, ids.Distinct().Count());
        // What a gateway can compute from one epoch's poll is nothing of another's.
        foreach (MailboxRequest poll in polls)
        {
            foreach (MailboxRequest other in polls.Where(other => other.Epoch != poll.Epoch))
            {
                Assert.NotEqual(MailboxRequest.MailboxId(other.Secret.Span, other.Epoch), MailboxRequest.MailboxId(poll.Secret.Span, other.Epoch));
                Assert.Equal(-1, other.ToBytes().AsSpan().IndexOf(poll.Secret.Span));
            }
        }
        // The cursor of one epoch goes into no other's polls.
        byte[] answer = new byte[document.Mailbox.PacketsPerPoll * MailboxAnswer.EntrySize(geometry)];
        new Contracts.SeededRandom(1).Fill(answer);
        mailbox.Acknowledge(polls[3].Epoch, answer);
        Assert.All(Assert.Single(mailbox.PollsAt(document, begin + (4 * document.EpochLength))).Cursor.ToArray(), octet => Assert.Equal(0, octet));
    }

    [Fact]
    public void After_a_turn_every_poll_asks_for_both_mailboxes_and_a_new_senders_for_one()
    {
        using LocalNetworkPlan plan = Networks.Plan();
        NetworkDocument document = plan.Document;
        SphinxGeometry geometry = new(document.Geometry.UserPayload, document.Geometry.Hops);
        DateTimeOffset turn = document.EpochStart(document.Epoch + 1);
        using ClientMailbox before = new(document, geometry, turn - TimeSpan.FromMinutes(1)), after = new(document, geometry, turn + TimeSpan.FromSeconds(1));
        for (int second = 1; second < 6; second++)
        {
            Assert.Equal([document.Epoch + 1, document.Epoch], before.PollsAt(document, turn + TimeSpan.FromSeconds(second)).Select(poll => poll.Epoch));
            Assert.Equal(document.Epoch + 1, Assert.Single(after.PollsAt(document, turn + TimeSpan.FromSeconds(second))).Epoch);
        }
        Assert.Equal(document.Epoch + 1, Assert.Single(before.PollsAt(document, turn + (document.Rates.MeanDelay * 30) + document.Slack)).Epoch);
    }
}
