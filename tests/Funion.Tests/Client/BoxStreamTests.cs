using System.Text;
using Funion.Bacap;
using Funion.Client;
using Funion.Network;

namespace Funion.Tests.Client;

/// <summary>Streams whose writer and reader die and begin again: nothing is lost, doubled or sealed twice.</summary>
public sealed class BoxStreamTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("funion-stream-").FullName;

    string WriterFile => Path.Combine(_folder, "writer");

    string ReaderFile => Path.Combine(_folder, "reader");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Messages_come_in_order_on_another_machine_and_positions_survive()
    {
        using Stage stage = new();
        StandInServices services = new(stage);
        PigeonholeClient boxes = new(stage.Client);
        string capability;
        using (BoxStreamWriter writer = BoxStreamWriter.Open(WriterFile, boxes))
        {
            capability = writer.Reader.ToString();
            Append(stage, writer, "one");
            Append(stage, writer, "");
        }
        using (BoxStreamWriter writer = BoxStreamWriter.Open(WriterFile, boxes))
        {
            Assert.Equal((2ul, false), (writer.Count, writer.HasPending));
            Assert.Equal(capability, writer.Reader.ToString());
            Append(stage, writer, "three");
        }
        Assert.True(ReadCapability.TryParse(capability, out ReadCapability? read));
        Assert.Equal(["one", ""], Read(stage, read, 2));
        // The second was read and not done with: the reader begins again and has it again.
        Assert.Equal(["", "three"], Read(stage, read, 2, from: 1));
        Assert.Equal(3, services.Boxes.Count);
        BoxStreamReader reader = BoxStreamReader.Open(ReaderFile, read, boxes);
        reader.Advance();
        reader.Advance();
        Assert.Equal(BoxStatus.NotFound, PigeonholeClientTests.Do(stage, reader.ReadAsync()).Status);
    }

    [Fact]
    public void Whenever_the_writer_dies_its_message_is_there_once_and_the_next_one_after_it()
    {
        // Every point of an append: before the first slot, between the exchanges, after the last.
        for (int steps = 0; steps < 120; steps += 6)
        {
            using Stage stage = new((ulong)steps + 1);
            StandInServices services = new(stage);
            string file = $"{WriterFile}-{steps}";
            ReadCapability read;
            using (CancellationTokenSource death = new())
            using (BoxStreamWriter writer = BoxStreamWriter.Open(file, new PigeonholeClient(stage.Client)))
            {
                read = writer.Reader;
                Task append = writer.AppendAsync(Encoding.UTF8.GetBytes("first"), death.Token);
                for (int i = 0; i < steps && !append.IsCompleted; i++)
                {
                    stage.Time.AdvanceTo(Later(stage.Step(), stage));
                }
                death.Cancel();
            }
            using (BoxStreamWriter writer = BoxStreamWriter.Open(file, new PigeonholeClient(stage.Client)))
            {
                // What was under way goes first, and would be refused if it were other bytes.
                Append(stage, writer, "second");
                Assert.Equal(2ul, writer.Count);
            }
            Assert.Equal(2, services.Boxes.Count);
            BoxStreamReader reader = BoxStreamReader.Open(file + "-reader", read, new PigeonholeClient(stage.Client));
            foreach (string expected in (string[])["first", "second"])
            {
                Assert.Equal(expected, Encoding.UTF8.GetString(PigeonholeClientTests.Do(stage, reader.ReadAsync()).Data.Span));
                reader.Advance();
            }
        }
    }

    [Fact]
    public void A_box_that_somebody_else_took_is_said_so_and_the_next_one_is_used()
    {
        using Stage stage = new();
        StandInServices services = new(stage);
        PigeonholeClient boxes = new(stage.Client);
        byte[] copy;
        using (BoxStreamWriter.Open(WriterFile, boxes))
        {
            copy = File.ReadAllBytes(WriterFile);
        }
        SecretFileCopy(copy, WriterFile + "2");
        using BoxStreamWriter first = BoxStreamWriter.Open(WriterFile, boxes), second = BoxStreamWriter.Open(WriterFile + "2", boxes);
        Append(stage, first, "mine");
        FunionException refused = Assert.Throws<FunionException>(() => Append(stage, second, "yours"));
        Assert.Equal(FunionError.Refused, refused.Error);
        Append(stage, second, "again");
        Assert.Equal(["mine", "again"], Read(stage, first.Reader, 2));
        Assert.Equal(2, services.Boxes.Count);
    }

    [Fact]
    public void A_file_that_is_not_a_writer_s_own_is_not_used()
    {
        using Stage stage = new();
        PigeonholeClient boxes = new(stage.Client);
        using (BoxStreamWriter.Open(WriterFile, boxes))
        {
            // Another writer has it.
            Assert.Throws<IOException>(() => BoxStreamWriter.Open(WriterFile, boxes));
        }
        byte[] bytes = File.ReadAllBytes(WriterFile);
        foreach (int at in (int[])[0, 60, 200, bytes.Length - 1])
        {
            byte[] damaged = [.. bytes];
            damaged[at] ^= 1;
            File.WriteAllBytes(WriterFile, damaged);
            Assert.Throws<IOException>(() => BoxStreamWriter.Open(WriterFile, boxes));
        }
        File.WriteAllBytes(WriterFile, bytes);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(WriterFile, UnixFileMode.UserRead | UnixFileMode.OtherRead);
            Assert.Throws<IOException>(() => BoxStreamWriter.Open(WriterFile, boxes));
        }
        BoxStreamReader reader = BoxStreamReader.Open(ReaderFile, WriteCapability.Create().ToReadCapability(), boxes);
        reader.Advance();
        Assert.Throws<IOException>(() => BoxStreamReader.Open(ReaderFile, WriteCapability.Create().ToReadCapability(), boxes));
    }

    [Fact]
    public void A_message_larger_than_a_box_is_the_callers_mistake()
    {
        using Stage stage = new();
        using BoxStreamWriter writer = BoxStreamWriter.Open(WriterFile, new PigeonholeClient(stage.Client));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.AppendAsync(new byte[writer.LargestMessage + 1]).GetAwaiter().GetResult());
        Assert.False(writer.HasPending);
    }

    static void SecretFileCopy(byte[] bytes, string to)
    {
        File.WriteAllBytes(to, bytes);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(to, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    static DateTimeOffset Later(DateTimeOffset next, Stage stage) => next > stage.Time.GetUtcNow() ? next : stage.Time.GetUtcNow();

    static void Append(Stage stage, BoxStreamWriter writer, string message)
    {
        Task append = writer.AppendAsync(Encoding.UTF8.GetBytes(message));
        Assert.True(stage.RunUntil(() => append.IsCompleted, TimeSpan.FromMinutes(5)));
        append.GetAwaiter().GetResult();
    }

    List<string> Read(Stage stage, ReadCapability capability, int count, int from = 0)
    {
        List<string> messages = [];
        for (int i = 0; i < count; i++)
        {
            // A new process for every message.
            BoxStreamReader reader = BoxStreamReader.Open(ReaderFile, capability, new PigeonholeClient(stage.Client));
            Assert.Equal((ulong)(from + i), reader.Count);
            messages.Add(Encoding.UTF8.GetString(PigeonholeClientTests.Do(stage, reader.ReadAsync()).Data.Span));
            if (i < count - 1)
            {
                reader.Advance();
            }
        }
        return messages;
    }
}
