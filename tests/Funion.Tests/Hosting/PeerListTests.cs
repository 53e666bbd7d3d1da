using FsCheck;
using FsCheck.Fluent;
using Funion.Hosting;

namespace Funion.Tests.Hosting;

/// <summary>The list of peers whose queues a node writes itself.</summary>
public sealed class PeerListTests
{
    [Theory]
    [InlineData("mix-2-0=https://account.queue.core.windows.net/mix-2-0", "https://account.queue.core.windows.net/", "mix-2-0")]
    [InlineData("mix-2-0=https://account.queue.core.windows.net/m20/", "https://account.queue.core.windows.net/", "m20")]
    [InlineData("mix-2-0=sb://bus.servicebus.windows.net/mix-2-0", "sb://bus.servicebus.windows.net/", "mix-2-0")]
    [InlineData("mix-2-0=http://127.0.0.1:10001/devstoreaccount1/m20", "http://127.0.0.1:10001/devstoreaccount1/", "m20")]
    [InlineData(" mix-1-0=sb://one.example/a ; mix-2-0=https://two.example/b; ", "https://two.example/", "b")]
    public void A_peer_is_found_by_its_name(string text, string service, string prefix)
    {
        PeerList peers = PeerList.TryParse(text)!;
        Assert.False(peers.All);
        Assert.Equal((new Uri(service), prefix), peers.Find("mix-2-0"));
        Assert.Null(peers.Find("mix-9-9"));
        Assert.Null(peers.Find("MIX-2-0"));
    }

    [Fact]
    public void A_star_is_everybody_in_this_account_and_nothing_is_nobody()
    {
        PeerList all = PeerList.TryParse("*")!;
        Assert.True(all.All);
        Assert.Null(all.Find("mix-2-0"));
        foreach (string none in (string[])["", ";", " ; "])
        {
            PeerList peers = PeerList.TryParse(none)!;
            Assert.False(peers.All);
            Assert.Null(peers.Find(""));
        }
    }

    [Theory]
    [InlineData("mix-2-0")]
    [InlineData("=https://account.example/mix-2-0")]
    [InlineData("mix-2-0=account.example/mix-2-0")]
    [InlineData("mix-2-0=/mix-2-0")]
    [InlineData("mix-2-0=ftp://account.example/mix-2-0")]
    [InlineData("mix-2-0=file:///mix-2-0")]
    // No prefix: its queues cannot be named.
    [InlineData("mix-2-0=https://account.example")]
    [InlineData("mix-2-0=sb://bus.example/")]
    // A token, which has no place in a setting that says where something is.
    [InlineData("mix-2-0=https://account.example/mix-2-0?sig=abc")]
    [InlineData("mix-2-0=https://account.example/mix-2-0?sig=a/c")]
    [InlineData("mix-2-0=https://account.example/mix-2-0#a")]
    [InlineData("mix-2-0=https://user:word@account.example/mix-2-0")]
    // A prefix that no queue can have.
    [InlineData("mix-2-0=https://account.example/Mix_2_0")]
    [InlineData("mix-2-0=https://account.example/-mix")]
    [InlineData("mix-2-0=https://account.example/a-name-of-twenty-five-ch1")]
    [InlineData("a=https://one.example/a;a=https://two.example/a")]
    [InlineData("a=https://one.example/a;*")]
    public void What_is_no_list_is_refused(string text) => Assert.Null(PeerList.TryParse(text));

    [Fact]
    public void No_text_throws_and_what_is_accepted_can_be_used()
    {
        string[] pieces = ["a", "mix-2-0", "=", ";", "*", "https://", "sb://", "h", "/", "?", "#", "@", ":", "[", "]", "%", "%zz", " ", "\0", "é", "\ud800", "..", "\\"];
        Gen<string> texts = Gen.OneOf(
            Gen.ArrayOf(Gen.Elements(pieces)).Select(string.Concat),
            Gen.ArrayOf(Gen.Elements(pieces)).Select(parts => "a=https://h/" + string.Concat(parts)),
            ArbMap.Default.GeneratorFor<string>().Where(text => text is not null));
        Prop.ForAll(texts.ToArbitrary(), text =>
        {
            if (PeerList.TryParse(text)?.Find("a") is var (service, prefix))
            {
                // Not an exception at the first packet.
                Assert.Matches("^(?=.{1,24}$)[a-z0-9]+(-[a-z0-9]+)*$", prefix);
                Assert.True(service.IsAbsoluteUri);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3_000));
    }
}
