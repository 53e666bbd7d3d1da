using System.Runtime.Intrinsics;
using Funion.Private.Transfer;
using Label = System.Runtime.Intrinsics.Vector128<byte>;

namespace Funion.Tests.Private.Transfer;

/// <summary>Correlated transfer as two parties see it: what each gets, what a cheater gets, and what is refused.</summary>
public sealed class CorrelatedTransferTests
{
    readonly Random _random = new(20260601);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void Every_label_of_the_receiver_is_the_senders_plus_its_choice_times_delta(int depth)
    {
        TransferGeometry geometry = new(depth);
        (CorrelatedSender sender, CorrelatedReceiver receiver) = Dealer.Open(geometry);
        using (sender)
        using (receiver)
        {
            Assert.Equal(sender.Transcript, receiver.Transcript);
            Assert.Equal(0x80, sender.Delta[15] & 0x80);
            HashSet<Label> seen = [];
            int ones = 0, all = 0;
            foreach (int transfers in (int[])[1, 7, 128, 129, 1000, 5000])
            {
                (Label[] zero, byte[] choices, Label[] chosen) = Dealer.Extend(sender, receiver, geometry, transfers);
                for (int i = 0; i < transfers; i++)
                {
                    bool choice = Dealer.Bit(choices, i);
                    ones += choice ? 1 : 0;
                    Assert.Equal(zero[i] ^ (choice ? sender.Delta : Label.Zero), chosen[i]);
                    Assert.True(seen.Add(zero[i]));
                }
                all += transfers;
                for (int i = transfers; i < choices.Length * 8; i++)
                {
                    Assert.False(Dealer.Bit(choices, i));
                }
            }
            Assert.InRange(ones, (all / 2) - (3 * (int)Math.Sqrt(all)), (all / 2) + (3 * (int)Math.Sqrt(all)));
        }
    }
}
