using LibMultipath.Block;
using LibMultipath.Disk;
using LibMultipath.Passthrough;
using LibMultipath.Paths;
using LibMultipath.Reservations;
using LibMultipath.Tests.Kit;
using LibMultipath.Tests.Paths;

namespace LibMultipath.Tests.Passthrough;

public sealed class CharDeviceTests
{
    private readonly PassingTemplate _template = new();

    [Fact]
    public void It_is_added_when_the_disk_is_live_and_deleted_with_it()
    {
        using Rig rig = new(0, template: _template);
        Assert.False(rig.Disk.HasCharDevice);

        rig.AddPath();
        rig.AddPath();
        Assert.True(rig.Disk.HasCharDevice);
        Assert.Equal((1, 0), (_template.Added, _template.Deleted));

        rig.Disk.Remove();
        Assert.False(rig.Disk.HasCharDevice);
        Assert.Equal((1, 1), (_template.Added, _template.Deleted));
    }

    [Fact]
    public void F27_one_that_was_never_added_is_not_deleted()
    {
        _template.OnAddCharDevice = static () => throw new InvalidOperationException("no minor left");
        using (Rig rig = new(1, template: _template))
        {
            Assert.True(rig.Disk.IsLive);
            Assert.False(rig.Disk.HasCharDevice);
            Assert.Contains(rig.Log.Lines, line => line.Id == 406);
            Assert.Equal(Errno.ENXIO, Assert.Throws<BlockException>(() => new MpathPassthrough(rig.Disk).OpenCharDevice()).Errno);
        }

        Assert.Equal(0, _template.Deleted);
        var second = new PassingTemplate();
        using (Rig rig = new(0, template: second))
        {
            rig.Disk.Remove();
        }

        Assert.Equal(0, second.Deleted);
    }

    [Fact]
    public void An_open_one_keeps_its_head()
    {
        Rig rig = new(1, template: _template);
        MpathHead head = rig.Head;
        MpathCharHandle handle = new MpathPassthrough(rig.Disk).OpenCharDevice();
        rig.Head.Remove(rig.Paths[0]);
        rig.Disk.Dispose();
        head.Dispose();

        Assert.Equal(-(int)Errno.ENXIO, handle.Ioctl(new MpathIoctl(100, 0)));
        handle.Dispose();
        handle.Dispose();

        Assert.False(head.TryGet());
        Assert.Throws<ObjectDisposedException>(() => handle.Ioctl(new MpathIoctl(100, 0)));
    }

    [Fact]
    public async Task F20_opening_while_the_last_reference_goes_either_works_or_says_so()
    {
        int opened = 0;
        int refused = 0;
        for (int round = 0; round < 300; round++)
        {
            Rig rig = new(1, template: new PassingTemplate());
            using Barrier start = new(2);
            Task open = Task.Run(() =>
            {
                start.SignalAndWait(Eventually.Limit);
                try
                {
                    using MpathCharHandle handle = new MpathPassthrough(rig.Disk).OpenCharDevice();
                    handle.Ioctl(new MpathIoctl(100, 0));
                    opened++;
                }
                catch (BlockException exception) when (exception.Errno == Errno.ENXIO)
                {
                    refused++;
                }
            });
            start.SignalAndWait(Eventually.Limit);
            if (round % 2 == 0)
            {
                Thread.SpinWait(round * 50);
            }

            rig.Head.Remove(rig.Paths[0]);
            rig.Disk.Dispose();
            rig.Head.Dispose();
            await open.WaitAsync(Eventually.Limit);
            Assert.False(rig.Head.TryGet());
        }

        Assert.Equal(300, opened + refused);
    }

    [Fact]
    public void Ioctls_go_to_the_driver()
    {
        using Rig rig = new(1, template: _template);
        using MpathCharHandle handle = new MpathPassthrough(rig.Disk).OpenCharDevice();

        Assert.Equal(12, handle.Ioctl(new MpathIoctl(12, 0)));
        rig.LoseAll();
        Assert.Equal(-(int)Errno.EAGAIN, handle.Ioctl(new MpathIoctl(12, 0)));
    }

    [Fact]
    public async Task F18_what_a_driver_with_a_character_device_leaves_out_is_not_supported()
    {
        using Rig rig = new(1, template: new BareTemplate());
        using MpathCharHandle handle = new MpathPassthrough(rig.Disk).OpenCharDevice();
        var command = new MpathCharCommand(1, default);

        Assert.Equal(-(int)Errno.EOPNOTSUPP, handle.Ioctl(new MpathIoctl(12, 0)));
        Assert.Equal(-(int)Errno.EOPNOTSUPP, await handle.SendAsync(command));
        Assert.Equal(-(int)Errno.EOPNOTSUPP, handle.Poll(command));
    }

    [Fact]
    public void F13_a_reservation_goes_down_no_path_of_the_character_device()
    {
        using Rig rig = new(1, template: _template);
        using MpathCharHandle handle = new MpathPassthrough(rig.Disk).OpenCharDevice();
        _template.OnIoctl = static (_, _) => throw new InvalidOperationException("a path has it");
        using SgCommand register = SgCommand.Out(0, 0, 0, 1);

        Assert.Equal(0, handle.Ioctl(register.Ioctl));
        Assert.Equal((2, 0x20), (register.Header.status, register.Sense[12]));
        Assert.Equal(-(int)Errno.EPERM, handle.Ioctl(register.Ioctl with { HasRawIo = false }));
        Assert.Equal((int)PrStatus.NotSupported, handle.Ioctl(new MpathIoctl(PrIoctl.Clear, 0) { CanWrite = true }));
    }

    [Fact]
    public async Task What_a_sender_does_when_a_poll_has_ended_its_command_may_wait_for_readers()
    {
        using Rig rig = new(2, template: _template);
        using MpathCharHandle handle = new MpathPassthrough(rig.Disk).OpenCharDevice();
        var end = new TaskCompletionSource<int>();
        _template.OnCommand = (_, _) => new ValueTask<int>(end.Task);
        _template.OnPoll = (_, _) =>
        {
            end.SetResult(7);
            return 1;
        };
        var command = new MpathCharCommand(1, default);
        Task<int> sender = Task.Run(async () =>
        {
            int answer = await handle.SendAsync(command).ConfigureAwait(false);
            rig.Head.Remove(rig.Paths[0]);
            return answer;
        });
        Eventually.True(() => command.Path is not null, "the command to be sent");

        Assert.Equal(1, await Task.Run(() => handle.Poll(command)).WaitAsync(Eventually.Limit));

        Assert.Equal(7, await sender.WaitAsync(Eventually.Limit));
    }

    [Fact]
    public async Task A_command_completes_later_and_keeps_its_path_until_then()
    {
        using Rig rig = new(2, template: _template);
        using MpathCharHandle handle = new MpathPassthrough(rig.Disk).OpenCharDevice();
        var end = new TaskCompletionSource<int>();
        _template.OnCommand = (_, _) => new ValueTask<int>(end.Task);
        var command = new MpathCharCommand(1, new byte[] { 1, 2, 3 });

        Task<int> answer = handle.SendAsync(command).AsTask();
        Task removal = Task.Run(() => rig.Head.Remove(rig.Paths[0]));
        Eventually.True(() => rig.Paths[0].IsRemoved, "the removal to begin");
        await Task.Delay(TimeSpan.FromMilliseconds(100));
        Assert.False(removal.IsCompleted, "The path was removed under its command.");
        Assert.False(answer.IsCompleted);
        Assert.Equal(0, rig[0].Releases);
        end.SetResult(42);

        Assert.Equal(42, await answer.WaitAsync(Eventually.Limit));
        await removal.WaitAsync(Eventually.Limit);
    }

    [Fact]
    public async Task Polling_goes_where_the_command_went()
    {
        using Rig rig = new(2, template: _template);
        using MpathCharHandle handle = new MpathPassthrough(rig.Disk).OpenCharDevice();
        var end = new TaskCompletionSource<int>();
        var polled = new List<MpathDevice>();
        _template.OnCommand = (_, _) => new ValueTask<int>(end.Task);
        _template.OnPoll = (path, _) =>
        {
            polled.Add(path);
            return 1;
        };
        var command = new MpathCharCommand(1, default);
        Task<int> answer = handle.SendAsync(command).AsTask();

        rig.Paths[0].SetDown();
        Assert.Equal(1, handle.Poll(command));
        Assert.Equal([rig.Paths[0]], polled);
        end.SetResult(0);
        Assert.Equal(0, await answer.WaitAsync(Eventually.Limit));

        Assert.Equal(0, handle.Poll(command));
        Assert.Single(polled);
    }

    [Fact]
    public async Task A_command_is_sent_once()
    {
        using Rig rig = new(1, template: _template);
        using MpathCharHandle handle = new MpathPassthrough(rig.Disk).OpenCharDevice();
        var command = new MpathCharCommand(8, default);

        Assert.Equal(8, await handle.SendAsync(command));

        Assert.Throws<InvalidOperationException>(() => { _ = handle.SendAsync(command); });
    }

    [Fact]
    public async Task What_a_driver_throws_is_the_answer_of_the_command()
    {
        using Rig rig = new(1, template: _template);
        using MpathCharHandle handle = new MpathPassthrough(rig.Disk).OpenCharDevice();
        _template.OnCommand = static (_, _) => throw new InvalidOperationException("broken");
        Assert.Equal(-(int)Errno.EIO, await handle.SendAsync(new MpathCharCommand(1, default)));
        _template.OnCommand = static (_, _) => ValueTask.FromException<int>(new BlockException(Errno.EBUSY, "later"));
        Assert.Equal(-(int)Errno.EBUSY, await handle.SendAsync(new MpathCharCommand(1, default)));

        Assert.Equal(0, rig.Paths[0].InFlight);
        rig.LoseAll();
        Assert.Equal(-(int)Errno.EAGAIN, await handle.SendAsync(new MpathCharCommand(1, default)));
    }

    /// <summary>A driver with a character device that knows nothing.</summary>
    private sealed class BareTemplate : TestTemplate, IMpathCharDevice
    {
        public void AddCharDevice(MpathDisk disk)
        {
        }

        public void DeleteCharDevice(MpathDisk disk)
        {
        }
    }
}
